import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { WhipGuard } from '../../../server/ingest/whip-guard.ts';

const PASSWORD = 'the-password-of-the-answer';
const HOME = '192.0.2.4:5000';
const STRANGER = '192.0.2.66:5000';

/** A STUN binding request, signed where a password is given, with something behind the signature. */
function bindingRequest(password?: string): Buffer {
  const username = Buffer.from([0, 6, 0, 5, ...Buffer.from('ab:cd'), 0, 0, 0]);
  const header = Buffer.alloc(20);
  header.writeUInt16BE(1, 0);
  header.writeUInt32BE(0x2112a442, 4);
  if (password === undefined) {
    header.writeUInt16BE(username.length, 2);
    return Buffer.concat([header, username]);
  }
  header.writeUInt16BE(username.length + 24, 2);
  const signature = createHmac('sha1', password)
    .update(Buffer.concat([header, username]))
    .digest();
  header.writeUInt16BE(username.length + 24 + 8, 2);
  const fingerprint = Buffer.from([0x80, 0x28, 0, 4, 1, 2, 3, 4]);
  return Buffer.concat([header, username, Buffer.from([0, 8, 0, 20]), signature, fingerprint]);
}

const RTP = Buffer.from([0x80, 102, 0, 1, 0, 0, 0, 0]);
const alert = (epoch: number): Buffer =>
  Buffer.from([21, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40]);

describe("the guard of a publisher's port", () => {
  it('lets in whoever signs a binding request with the password of the answer, and what comes from there', () => {
    const guard = new WhipGuard(PASSWORD);
    expect(guard.admits(RTP, HOME)).toBe(false);
    expect(guard.admits(bindingRequest(PASSWORD), HOME)).toBe(true);
    expect(guard.admits(RTP, HOME)).toBe(true);
    expect(guard.admits(RTP, STRANGER)).toBe(false);
  });

  it('keeps out requests that are not signed, signed with another password, or broken', () => {
    const guard = new WhipGuard(PASSWORD);
    const signed = bindingRequest(PASSWORD);
    const changed = Buffer.from(signed);
    changed[25]! ^= 1;
    for (const request of [bindingRequest(), bindingRequest('another'), changed])
      expect(guard.admits(request, STRANGER)).toBe(false);
    for (let length = 20; length < signed.length - 8; length++)
      expect(guard.admits(signed.subarray(0, length), STRANGER)).toBe(false);
    expect(guard.admits(RTP, STRANGER)).toBe(false);
  });

  it('keeps out DTLS alerts without encryption, even from the publisher’s address', () => {
    const guard = new WhipGuard(PASSWORD);
    guard.admits(bindingRequest(PASSWORD), HOME);
    expect(guard.admits(alert(0), HOME)).toBe(false);
    expect(guard.admits(alert(1), HOME)).toBe(true);
  });

  it('remembers the latest addresses alone', () => {
    const guard = new WhipGuard(PASSWORD);
    for (let port = 1; port <= 9; port++) guard.admits(bindingRequest(PASSWORD), `192.0.2.4:${port}`);
    expect(guard.admits(RTP, '192.0.2.4:1')).toBe(false);
    expect(guard.admits(RTP, '192.0.2.4:9')).toBe(true);
  });
});
