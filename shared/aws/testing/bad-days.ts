import { answer, type Handling, json, type WireAnswer, type WireReply, type WireRequest } from './wire.ts';

/** What answers requests: a service behind the wire, or what stands in for it. */
type Service = (asked: WireRequest) => WireAnswer | Promise<WireAnswer>;

/** The service did what it was asked, and the answer was lost on its way. */
export const losesAnswer =
  (service: Service): Handling =>
  async (asked): Promise<WireReply> => {
    await service(asked);
    return 'cut';
  };

/** The service did what it was asked, and its answer never comes. */
export const answersTooLate =
  (service: Service): Handling =>
  async (asked): Promise<WireReply> => {
    await service(asked);
    return 'silence';
  };

/** The service did what it was asked, and the connection broke in the middle of its answer. */
export const cutsAnswerShort =
  (service: Service): Handling =>
  async (asked): Promise<WireReply> => ({ ...(await service(asked)), isCutShort: true });

/** The request never reached the service. */
export const losesRequest: Handling = () => 'cut';

/** An error as the JSON protocols of AWS answer it: `__type` in the body (1.0, 1.1), and the header that REST adds. */
export const refuses =
  (status: number, name: string, more: Readonly<Record<string, unknown>> = {}): Handling =>
  () =>
    json(
      status,
      { __type: `com.amazonaws#${name}`, message: `${name} it is`, ...more },
      { 'x-amzn-errortype': name },
    );

/** An error as S3 answers it. */
export const refusesInXml =
  (status: number, code: string): Handling =>
  () =>
    answer(
      status,
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code} it is</Message></Error>`,
      { 'content-type': 'application/xml' },
    );
