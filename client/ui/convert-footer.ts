/** The last line of the dialog that edits a clip: what can be made, how far it is, what came of it. */
import { html, nothing, type TemplateResult } from 'lit';
import { FFMPEG_TEXT, type OpenProgress } from './open-video.ts';

export type Work =
  | { readonly state: 'choosing' }
  | { readonly state: 'working'; readonly progress: OpenProgress | undefined; readonly stop: AbortController }
  | { readonly state: 'made'; readonly files: readonly File[] }
  | { readonly state: 'failed'; readonly why: string };

interface Presses {
  readonly make: () => void;
  readonly save: (files: readonly File[]) => void;
}

export function convertFooter(work: Work, { make, save }: Presses): TemplateResult {
  if (work.state === 'working')
    return html`
      <progress aria-label="Progress" value=${work.progress?.share || nothing}></progress>
      <span role="status">${work.progress?.step === 'fetching' ? 'Fetching ffmpeg, 31 MB' : 'Converting'}</span>
      <button @click=${() => work.stop.abort()}>Cancel</button>
    `;
  const again = html`<button class="make" @click=${make}>Make it</button>`;
  if (work.state === 'failed') return html`<p class="why" role="alert">${work.why}</p>${again}`;
  if (work.state === 'made')
    return html`<p role="status">${work.files[0]?.name}</p>
      <button class="save" @click=${() => save(work.files)}>Save with its evidence</button>${again}`;
  return html`<p>
      ${FFMPEG_TEXT} The clip stays as it is. What is made of it is encoded anew: it shows what the camera saw, and is
      not its own bits.
    </p>
    ${again}`;
}
