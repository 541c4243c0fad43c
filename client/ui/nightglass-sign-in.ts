/** `<nightglass-sign-in>`: what a signed-out viewer sees: how to come in. */
import { html, LitElement, type TemplateResult } from 'lit';
import { signInStyles } from './nightglass-sign-in.styles.ts';
import { type Credentials, signIn, tokenIn } from './sign-in.ts';
import { theme } from './theme.styles.ts';

/** Fires `signed-in` when the server has taken the credentials. */
export class NightglassSignIn extends LitElement {
  static override styles = [theme, signInStyles];
  static override properties = {
    server: { attribute: false },
    way: { state: true },
    asking: { state: true },
    refusal: { state: true },
  };

  declare server: URL;
  declare protected way: 'token' | 'password';
  declare protected asking: boolean;
  declare protected refusal: string;

  constructor() {
    super();
    this.way = 'token';
    this.asking = false;
    this.refusal = '';
  }

  protected override render(): TemplateResult {
    return html`
      <h1>Signed out</h1>
      <p>Open the login link the server printed when it started. It begins with <code>Nightglass ready:</code>. Or sign in here.</p>
      <form @submit=${this.#submit}>
        <fieldset>
          <legend>Sign in with</legend>
          ${this.#wayIn('token', 'Login token')} ${this.#wayIn('password', 'Password')}
        </fieldset>
        ${
          this.way === 'token'
            ? field('Token, or the whole login link', 'token', 'password', 'off')
            : html`${field('User name', 'username', 'text', 'username')}
              ${field('Password', 'password', 'password', 'current-password')}`
        }
        <button ?disabled=${this.asking}>${this.asking ? 'Signing in…' : 'Sign in'}</button>
        <p role="alert">${this.refusal}</p>
      </form>
    `;
  }

  #wayIn(way: 'token' | 'password', label: string): TemplateResult {
    const choose = () => {
      this.way = way;
      this.refusal = '';
    };
    return html`
      <label class="way">
        <input type="radio" name="way" value=${way} .checked=${this.way === way} @change=${choose} />${label}
      </label>
    `;
  }

  #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const text = (name: string) => String(given.get(name) ?? '');
    const credentials: Credentials =
      this.way === 'token'
        ? { token: tokenIn(text('token')) }
        : { username: text('username').trim(), password: text('password') };
    this.asking = true;
    const refusal = await signIn(this.server, credentials);
    this.asking = false;
    this.refusal = refusal ?? '';
    if (refusal === undefined) this.dispatchEvent(new CustomEvent('signed-in'));
  };
}

const field = (label: string, name: string, type: string, autocomplete: string): TemplateResult => html`
  <label class="field">
    ${label}
    <input name=${name} type=${type} autocomplete=${autocomplete} autocapitalize="none" spellcheck="false" required />
  </label>
`;

customElements.define('nightglass-sign-in', NightglassSignIn);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-sign-in': NightglassSignIn;
  }
}
