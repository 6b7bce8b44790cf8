// fold.ts - a line that was written over by "\r": what it last said, and how often it said something else before. Pure.

export interface Folded {
  text: string;
  /** What it said before, oldest first. */
  before: string[];
}

/** A "\r" at the very end only says that more would have come. */
export function fold(message: string): Folded {
  if (!message.includes('\r')) return { text: message, before: [] };
  const states = message.replace(/\r+$/, '').split(/\r+/);
  return { text: states[states.length - 1] ?? '', before: states.slice(0, -1).filter((s) => s !== '') };
}

const MESSAGE_SHOWN = 4096;

/** What of a long message is shown at first. */
export function cut(message: string): { text: string; more: number } {
  if (message.length <= MESSAGE_SHOWN) return { text: message, more: 0 };
  const end = /[\ud800-\udbff]/.test(message[MESSAGE_SHOWN - 1]!) ? MESSAGE_SHOWN - 1 : MESSAGE_SHOWN;
  return { text: message.slice(0, end), more: message.length - end };
}

/** A message that is a JSON object or list, in lines; undefined: it is none. */
export function formatted(message: string): string | undefined {
  const text = message.trim();
  if (!/^[[{]/.test(text) || text.length > 1 << 20) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}
