import { controlPort, WdsControlClient } from '../wds-control-client.ts';

// A WDS client by the protocol alone: `node list-images.ts HOST USER PASSWORD` asks the endpoint mapper for the control
// service, logs on there, and prints the paths of the images that it offers as JSON.

const IMG_ENUMERATE = 2;
const ULONG = 4;
const PACKET_PRIVACY = 6;
const [host = '', user = '', password = ''] = process.argv.slice(2);

const port = await controlPort(host);
if (port === undefined) throw new Error(`the endpoint mapper of ${host} knows no control service`);
const client = await WdsControlClient.connect(host, port);
try {
  await client.authenticate({ type: 'ntlm', level: PACKET_PRIVACY, user, password, domain: 'SYSTEM' });
  const { code, variables } = await client.request(IMG_ENUMERATE, [{ name: 'VERSION', type: ULONG, values: [1] }]);
  if (code !== 0) throw new Error(`IMG_ENUMERATE was answered with error ${code}`);
  process.stdout.write(
    `${JSON.stringify([...variables].flatMap(([name, value]) => (name.startsWith('PATH_') ? [value] : [])))}\n`,
  );
} finally {
  client.close();
}
