import {
  type ReactNode,
  type RefObject,
  createContext,
  useContext,
  useEffect,
  useRef,
  useState,
} from 'react';

/** Whether a heading is the one that the page was loaded with: there the browser itself begins. */
type IsFirst = (heading: HTMLHeadingElement | null) => boolean;

const Context = createContext<IsFirst>(() => true);

export function HeadingProvider({ children }: { readonly children: ReactNode }) {
  const [isFirst] = useState(remembersFirst);
  return <Context value={isFirst}>{children}</Context>;
}

/**
 * For a page's h1, with `tabIndex={-1}`: it gets the focus when another page is shown, as with pages that are loaded, so that
 * screen readers say where one is.
 */
export function useHeading(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useContext(Context);
  useEffect(() => {
    if (!isFirst(heading.current)) {
      heading.current?.focus();
    }
  }, [isFirst]);
  return heading;
}

function remembersFirst(): IsFirst {
  let first: HTMLHeadingElement | null = null;
  return (heading) => {
    first ??= heading;
    return heading === first;
  };
}
