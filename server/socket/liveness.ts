/** Ends sockets whose viewer is gone without a word. */
import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';

const PING_EVERY_MS = 15_000;
/** Pings in a row without an answer that mean the viewer is gone. */
const MISSED = 2;

/**
 * Pings `socket` and terminates it when two pings in a row stay unanswered. Each ping carries its own random bytes
 * (RFC 6455 §5.5.2 has the pong repeat them), so that only a viewer that reads can answer: what one who does not read
 * makes us store is limited by the time this takes.
 */
export function watchLiveness(socket: WebSocket, everyMs = PING_EVERY_MS): Disposable {
  let unanswered: Buffer[] = [];
  const hear = (answer: Buffer): void => {
    if (unanswered.some((sent) => sent.equals(answer))) unanswered = [];
  };
  const timer = setInterval(() => {
    if (unanswered.length >= MISSED) {
      socket.terminate();
      return;
    }
    const challenge = randomBytes(8);
    unanswered.push(challenge);
    socket.ping(challenge);
  }, everyMs);
  socket.on('pong', hear);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      socket.off('pong', hear);
    },
  };
}
