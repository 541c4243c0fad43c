/** Asks for an address before hls.js does, because hls.js keeps the server's words to itself. */
import { ERROR_CODES, type ErrorCode } from '#wire/nightglass-error.ts';
import type { Trouble } from '../playback-state.ts';

/** Undefined where all is well; else what the server says. Never throws. */
export async function troubleAt(address: URL, signal: AbortSignal): Promise<Trouble | undefined> {
  try {
    const response = await fetch(address, { signal, cache: 'no-store' });
    if (response.ok) return undefined;
    if (response.status === 401) return { status: 'signed-out' };
    const { code, message } = (await response.json()) as { code?: unknown; message?: unknown };
    if (isCode(code) && typeof message === 'string') return { status: 'unreachable', code, message };
    return away(`the server answered with ${response.status}`);
  } catch {
    return away('the server does not answer');
  }
}

const isCode = (code: unknown): code is ErrorCode => ERROR_CODES.some((known) => known === code);

const away = (message: string): Trouble => ({ status: 'unreachable', code: 'socket/lost', message });
