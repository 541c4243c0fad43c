/** One folder, one archive: a claim that ends with its process, however that ends. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { codeOf, type FolderIdentity } from './archive-disk.ts';

/**
 * Claims the folder by a name in Linux's abstract socket namespace (unix(7)), which the kernel frees with the process: a
 * file would outlive it. Elsewhere, and between containers with a network of their own, nothing is claimed.
 * @throws an error of code EBUSY where another archive has the folder
 */
export async function claim(identity: FolderIdentity): Promise<Disposable> {
  const socket = createServer((peer) => peer.destroy());
  try {
    socket.listen(`\0nightglass-timeshift-${identity}`);
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    if (codeOf(error) === 'EADDRINUSE')
      throw Object.assign(new Error('another archive writes to the folder'), { code: 'EBUSY' });
  }
  socket.unref();
  return { [Symbol.dispose]: () => void socket.close() };
}
