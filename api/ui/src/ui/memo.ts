// memo.ts - components that are drawn again only when they would look different.
import { Component, h, type FunctionComponent } from 'preact';

/** Drawn again when one of its properties is another one, or a signal that it reads changes; not whenever its parent is. */
export function memo<P extends object>(of: FunctionComponent<P>) {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return (Object.keys(next) as (keyof P)[]).some((name) => next[name] !== (this.props as P)[name]);
    }

    override render() {
      return h(of, this.props as P);
    }
  };
}
