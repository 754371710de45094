/** TCP port of the endpoint mapper (MS-RPCE section 2.1.1.1). */
export const ENDPOINT_MAPPER_PORT = 135;
