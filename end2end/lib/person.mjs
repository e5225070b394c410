// Somebody without a browser: calls the same server functions that the pages' own code calls, with a cookie of their own.
// For setting things up quickly, and for trying what no button does.

/** An answer that is no success; `error` is what the server said, such as `{ from: 'api', why: { error: 'not_found' } }`. */
export class CallError extends Error {
  constructor(name, status, error) {
    super(`${name}: ${status} ${JSON.stringify(error)}`);
    this.status = status;
    this.error = error;
  }
}

export class Person {
  constructor(url, { name = '', email = '', password = '' } = {}) {
    Object.assign(this, { url, name, email, password, token: '' });
  }

  async #send(path, options = {}) {
    const cookie = this.token ? { cookie: `countersign=${this.token}` } : {};
    const response = await fetch(`${this.url}${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(options.limit ?? 15_000),
      ...options,
      headers: { 'sec-fetch-site': 'same-origin', ...cookie, ...options.headers },
    });
    const set = response.headers.getSetCookie().map((c) => c.match(/^countersign=([^;]*)/)).find(Boolean);
    if (set) this.token = set[1];
    return response;
  }

  #post(name, fields, accept) {
    const pairs = Object.entries(fields).flatMap(([k, v]) => (Array.isArray(v) ? v.map((one) => [`${k}[]`, one]) : [[k, v]]));
    return this.#send(`/api/${name}`, {
      method: 'POST',
      headers: { accept, 'content-type': 'application/x-www-form-urlencoded', referer: `${this.url}/` },
      body: new URLSearchParams(pairs).toString(),
    });
  }

  /** Calls a server function as the pages' code does and returns its value; throws `CallError` unless it succeeded. */
  async call(name, fields = {}) {
    const response = await this.#post(name, fields, 'application/json');
    const text = await response.text();
    let value;
    try {
      value = text ? JSON.parse(text) : null;
    } catch {
      value = text;
    }
    if (!response.ok) throw new CallError(name, response.status, value);
    return value;
  }

  /** The text of a page or file; throws unless its status is 200. */
  async page(path) {
    const response = await this.#send(path, { headers: { accept: 'text/html' } });
    const text = await response.text();
    if (response.status !== 200) throw new CallError(path, response.status, text.slice(0, 300));
    return text;
  }

  /** The raw response of a GET, for streams and statuses. */
  get(path, headers = {}, signal) {
    return this.#send(path, { headers, ...(signal && { signal }) });
  }

  async signIn() {
    await this.call('sign_in', { email: this.email, password: this.password, next: '/' });
    return this;
  }

  /** Opens a one-time link and sets the password. */
  async redeem(link) {
    const secret = link.split('/').at(-1);
    await this.call('redeem_link', { secret, password: this.password, again: this.password });
    return this;
  }

  /** Invites somebody and redeems their link; the caller is an admin. */
  async bring(person, roles) {
    const { text } = await this.call('invite', { name: person.name, email: person.email, roles });
    return new Person(this.url, person).redeem(text);
  }

  /** Opens a session and returns its id. */
  async openSession(endpoint, reason = 'Register 07 freezes at payment', ticket = 'POS-4711') {
    const known = new Set((await this.call('sessions')).map(({ id }) => id));
    await this.call('open_session', { endpoint, reason, ticket });
    return (await this.call('sessions')).map(({ id }) => id).find((id) => !known.has(id));
  }

  /** A session as its page shows it. */
  async session(id, all = '') {
    return (await this.call('session', { id, all })).view;
  }

  /** Proposes what would be typed, and returns the action. */
  async propose(session, text) {
    await this.call('propose', { session, verb: '', text });
    return (await this.session(session)).actions.at(-1);
  }

  /** Reads a request and decides it as its page would: `ruling` is approve or deny, `scope` narrows. */
  async decide(request, ruling, { scope, reason = '' } = {}) {
    const view = await this.call('approval', { id: request });
    const asked = view.scope;
    await this.call('decide', { request, shown: view.digest, ruling, asked, scope: scope ?? asked, reason });
  }

  /** Puts this person's cookie into a page's browser context. */
  async lend(page) {
    await page.context().addCookies([{ name: 'countersign', value: this.token, url: this.url, httpOnly: true, sameSite: 'Lax' }]);
    return page;
  }
}
