// sse.ts - server-sent events out of bytes as they come (WHATWG HTML, 9.2.6). Pure.

export interface Event {
  event: string;
  data: string;
}

/** Takes texts in pieces, cut anywhere; gives the events that are whole. Comments and unknown fields are passed over. */
export function parser(take: (e: Event) => void): (text: string) => void {
  let rest = '';
  let event = '';
  let data: string[] = [];

  const line = (text: string): void => {
    if (text === '') {
      if (data.length) take({ event: event || 'message', data: data.join('\n') });
      event = '';
      data = [];
      return;
    }
    const colon = text.indexOf(':');
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') event = value;
    else if (name === 'data') data.push(value);
  };

  return (text) => {
    rest += text;
    for (;;) {
      const end = rest.search(/[\r\n]/);
      if (end < 0 || (rest[end] === '\r' && end + 1 === rest.length)) return; // "\r" alone may be half of "\r\n"
      const length = rest[end] === '\r' && rest[end + 1] === '\n' ? 2 : 1;
      line(rest.slice(0, end));
      rest = rest.slice(end + length);
    }
  };
}
