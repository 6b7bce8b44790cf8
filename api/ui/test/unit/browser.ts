// browser.ts - what a browser has and node has not, as far as stream.ts asks for it; imported before what is tested.
interface Call {
  url: string;
  signal: AbortSignal;
  /** Sends text to the reader, or its end. */
  say: (text: string) => void;
  end: () => void;
}

/** Requests, in their order. */
export const calls: Call[] = [];
/** What tabs tell each other: posted here, heard by `channel.onmessage`. */
export const posted: Record<string, unknown>[] = [];
export const channel: { onmessage?: (e: { data: unknown }) => void } = {};

class Channel {
  constructor() {
    Object.defineProperty(channel, 'onmessage', { get: () => this.onmessage });
  }

  onmessage?: (e: { data: unknown }) => void;

  postMessage(data: Record<string, unknown>): void {
    posted.push(data);
  }
}

function fetch(url: string, init: { signal: AbortSignal }): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const body = new ReadableStream<Uint8Array>({
      start(stream) {
        const encoder = new TextEncoder();
        calls.push({ url, signal: init.signal, say: (text) => stream.enqueue(encoder.encode(text)), end: () => stream.close() });
        init.signal.addEventListener('abort', () => {
          try {
            stream.error(new Error('aborted'));
          } catch { /* it is over */ }
          reject(new Error('aborted'));
        });
      },
    });
    resolve({ ok: true, status: 200, body });
  });
}

const timers = { setInterval, setTimeout };

/** Between two looks. */
export const wait = (ms: number): Promise<void> => new Promise((resolve) => { timers.setTimeout(resolve, ms); });

/** The tests end when they are done, whatever the page still waits for. */
const loose = (name: 'setInterval' | 'setTimeout') => (fn: () => void, ms: number): unknown => {
  const timer = timers[name](fn, ms) as unknown as { unref: () => void };
  timer.unref();
  return timer;
};

const nothing = (): void => {};
const fakes: Record<string, unknown> = {
  fetch,
  BroadcastChannel: Channel,
  setInterval: loose('setInterval'),
  setTimeout: loose('setTimeout'),
  document: { hidden: false, querySelector: () => null, addEventListener: nothing, documentElement: { dataset: {} } },
  navigator: { locks: { request: (_: string, fn: () => Promise<void>) => fn() } },
  matchMedia: () => ({ matches: false, addEventListener: nothing }),
  localStorage: { getItem: () => null, setItem: nothing, removeItem: nothing },
  addEventListener: nothing,
};
for (const [name, value] of Object.entries(fakes)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
