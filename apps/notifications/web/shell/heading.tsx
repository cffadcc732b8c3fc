import { type ReactNode, type RefObject, createContext, useContext, useEffect, useRef } from 'react';

/** The heading that was there when the page was loaded: the browser itself begins there. */
const FirstHeading = createContext<RefObject<HTMLHeadingElement | null> | undefined>(undefined);

export function HeadingProvider({ children }: { readonly children: ReactNode }) {
  return <FirstHeading value={useRef(null)}>{children}</FirstHeading>;
}

/**
 * For a page's h1, with `tabIndex={-1}`: it gets the focus when another page is shown, as with pages that are loaded, so that
 * screen readers say where one is.
 */
export function useHeading(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useContext(FirstHeading);
  useEffect(() => {
    if (first && !first.current) {
      first.current = heading.current;
    } else if (first?.current !== heading.current) {
      heading.current?.focus();
    }
  }, [first]);
  return heading;
}
