/* A handler that does nothing: what Node itself takes. */
exports.handler = async () => undefined;
