/** Whether this process is an instance of a Lambda function that starts (Lambda, "Defined runtime environment variables"). */
export const startsOnLambda = (): boolean => process.env.AWS_LAMBDA_INITIALIZATION_TYPE !== undefined;
