/** What stands over a player's picture: why there is none, or why it is not enhanced. */
import { html, nothing, type TemplateResult } from 'lit';
import type { TileStatus } from '../player-protocol.ts';
import { statusText } from './status-text.ts';

interface Telling {
  readonly status: TileStatus;
  readonly title: string;
  /** Why nothing will ever be shown, where that is so. */
  readonly problem: string | undefined;
  readonly enhance: boolean;
  /** Where to sign in. */
  readonly server: URL;
}

export function tileMessage({
  status,
  title,
  problem,
  enhance,
  server,
}: Telling): TemplateResult | typeof nothing {
  if (problem !== undefined) return message('stuck', 'No picture here', problem);
  if (status.status === 'playing')
    return enhance && status.note !== undefined ? html`<p class="note">${status.note}</p>` : nothing;
  const text = statusText(status, title);
  if (text === undefined) return nothing;
  const more = text.signIn
    ? html`<p><a href=${server.href}>Sign in</a></p>`
    : text.cause !== undefined
      ? html`<p class="cause">${text.cause}</p>`
      : nothing;
  return message(text.tone, text.heading, text.detail, more);
}

const message = (
  tone: string,
  heading: string,
  detail: string,
  more: TemplateResult | typeof nothing = nothing,
): TemplateResult => html`
  <div class="message ${tone}">
    <p class="heading">${heading}</p>
    <p class="detail">${detail}</p>
    ${more}
  </div>
`;
