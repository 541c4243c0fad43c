/** A port that lets every connection wait, as a host that is gone does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Takes a port and never accepts: once its queue is full, the kernel answers no further connection. */
const FULL_PORT = `
import socket, sys
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(0)
fillers = []
for _ in range(4):
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex(server.getsockname())
    fillers.append(filler)
print(server.getsockname()[1], flush=True)
sys.stdin.read()
`;

/** Starts one, in a process of its own, because Node accepts by itself. */
export async function startFullPort(): Promise<{ readonly url: string } & AsyncDisposable> {
  const child = spawn('/usr/bin/python3', ['-c', FULL_PORT], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return {
    url: `rtsp://127.0.0.1:${Number(line)}/quay`,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
