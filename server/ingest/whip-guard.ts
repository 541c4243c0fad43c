/** Which datagrams on a session's port are its publisher's: the others never reach ICE, DTLS or SRTP. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const STUN_HEADER = 20;
const MAGIC_COOKIE = 0x2112a442;
const MESSAGE_INTEGRITY = 0x0008;
const INTEGRITY_BYTES = 20;
const BINDING_REQUEST = 0x0001;
const DTLS_ALERT = 21;
/** A publisher changes its address now and then; the latest ones are known. */
const KNOWN_LIMIT = 8;

/**
 * A datagram that asks for a STUN binding must be signed with our ICE password, which only the publisher was told
 * (RFC 8445 §7.3, RFC 8489 §14.5); its address is then the publisher's. Anything else must come from such an address.
 * DTLS alerts without encryption, which anyone could write, are left out: they would end the session.
 */
export class WhipGuard {
  readonly #password: Buffer;
  readonly #known: string[] = [];

  /** @param password `a=ice-pwd` of the answer */
  constructor(password: string) {
    this.#password = Buffer.from(password);
  }

  /** @param from `address:port` */
  admits(datagram: Buffer, from: string): boolean {
    if (isStun(datagram)) {
      // Answers to our own requests are checked by who asked.
      if (datagram.readUInt16BE(0) !== BINDING_REQUEST) return true;
      if (!this.#isSigned(datagram)) return false;
      if (!this.#known.includes(from)) {
        this.#known.push(from);
        if (this.#known.length > KNOWN_LIMIT) this.#known.shift();
      }
      return true;
    }
    if (!this.#known.includes(from)) return false;
    return !(datagram[0] === DTLS_ALERT && datagram.length >= 5 && datagram.readUInt16BE(3) === 0);
  }

  #isSigned(request: Buffer): boolean {
    for (let at = STUN_HEADER; at + 4 <= request.length; ) {
      const type = request.readUInt16BE(at);
      const length = request.readUInt16BE(at + 2);
      const next = at + 4 + length + (-length & 3);
      if (type === MESSAGE_INTEGRITY) {
        if (length !== INTEGRITY_BYTES || next > request.length) return false;
        const signed = Buffer.from(request.subarray(0, at));
        // The length counts up to and with the signature, whatever follows it.
        signed.writeUInt16BE(next - STUN_HEADER, 2);
        const signature = createHmac('sha1', this.#password).update(signed).digest();
        return timingSafeEqual(signature, request.subarray(at + 4, next));
      }
      at = next;
    }
    return false;
  }
}

const isStun = (datagram: Buffer): boolean =>
  datagram.length >= STUN_HEADER && datagram[0]! < 4 && datagram.readUInt32BE(4) === MAGIC_COOKIE;
