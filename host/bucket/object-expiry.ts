/** Objects whose keys begin with `prefix` are removed so many days after they came, as a lifecycle rule of S3 says. */
export interface ObjectExpiry {
  readonly prefix: string;
  readonly afterDays: number;
}
