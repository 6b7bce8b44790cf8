// h.mjs - what build.mjs makes of JSX.
export { createElement, Fragment } from 'preact';
