/** Names a part that no test sends: the highest number there may be, with the ETag of no bytes. */
const PART_NOBODY_SENT = Buffer.from(
  '<CompleteMultipartUpload><Part><PartNumber>10000</PartNumber>' +
    '<ETag>"d41d8cd98f00b204e9800998ecf8427e"</ETag></Part></CompleteMultipartUpload>',
);
const NO_PARTS = '<?xml version="1.0" encoding="UTF-8"?><ListPartsResult></ListPartsResult>';

/** An answer of the oracle, in either shape that the tests have for it. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/**
 * ListParts, which the oracle does not have: it is asked (`complete`: a POST with that body to the upload's address) to make an object of a
 * part that nobody sent, which changes nothing. Of an upload that is open it says `InvalidPart`, and that becomes a list without
 * parts; of any other it says `NoSuchUpload`, as S3 does of a list.
 */
export async function askForParts(complete: (body: Buffer) => Promise<Answer>) {
  const { status, headers, body } = await complete(PART_NOBODY_SENT);
  const text = body.toString();
  const isOpen = text.includes('<Code>InvalidPart</Code>');
  const { 'content-length': _, ...kept } = headers;
  return isOpen
    ? { status: 200, headers: kept, body: Buffer.from(NO_PARTS) }
    : { status, headers: kept, body: Buffer.from(text) };
}
