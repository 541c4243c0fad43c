import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dial } from '../../support/clip-server.ts';
import { filesIn, temporaryFolder } from '../../support/hls-segments.ts';
import { madeClip } from '../../support/made-clip.ts';
import { startNightglass } from '../../support/nightglass.ts';

describe('a server that is killed while a clip comes', () => {
  it('has the clips it had, and nothing of the half one', async () => {
    await using temporary = await temporaryFolder();
    const config = join(temporary.path, 'nightglass.yaml');
    await writeFile(
      config,
      "{ dataFolder: data, token: the-token, cameras: { quay: { url: 'rtsp://127.0.0.1:9/a' } } }",
    );
    const folder = join(temporary.path, 'data', 'clips');
    const [kept, half] = [madeClip({ at: 0 }), madeClip({ at: 1, bytes: 300_000 })];
    const path = (name: string) => `api/clips/${half.id}/${name}`;
    const authorization = 'Bearer the-token';
    {
      await using server = await startNightglass('--config', config);
      for (const [name, body] of kept.files)
        await fetch(`${server.origin}/api/clips/${kept.id}/${name}`, {
          method: 'PUT',
          headers: { authorization },
          body: new Uint8Array(body),
        });
      const socket = await dial(server.origin);
      socket.on('error', () => {});
      socket.write(
        `PUT /${path(`${half.id}-enhanced.mp4`)} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: 300000\r\n\r\n`,
      );
      socket.write(Buffer.alloc(100_000));
      // Not once(): a reset is an error first.
      const closed = new Promise((resolve) => socket.once('close', resolve));
      await expect
        .poll(() => filesIn(folder))
        .toContainEqual(expect.stringMatching(/^\.incoming\/.*\.part$/));
      process.kill(server.pid, 'SIGKILL');
      await closed;
    }
    await using again = await startNightglass('--config', config);
    const answer = await fetch(`${again.origin}/api/clips`, { headers: { authorization } });
    expect((await answer.json()).clips).toMatchObject([{ id: kept.id }]);
    expect(await filesIn(folder)).toHaveLength(2);
  });
});
