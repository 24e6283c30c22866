import { createServer } from 'node:http';

const server = createServer((_request, response) => {
  response.setHeader('x-tideline-instance', process.env.TIDELINE_INSTANCE ?? '');
  response.end('{}');
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.once('SIGTERM', () => process.exit(0));
