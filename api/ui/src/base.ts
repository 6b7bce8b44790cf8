// base.ts - where the page is mounted, and which build it is: index.html says both.

function meta(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';
}

/** The path prefix of all addresses: "" at the root of a host, "/cron" behind a proxy that mounts it there. */
export const base = meta('cronobs-base');

/** The hash of this build; the stream's hello names the server's. */
export const build = meta('cronobs-page');
