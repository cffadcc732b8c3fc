import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from 'lucide-react';
import {
  type ReactNode,
  createContext,
  useCallback,
  useContext,
  useEffect,
  useReducer,
  useRef,
  useState,
} from 'react';

import { IconButton } from '../ui/button.js';
import { type ShownToast, type Toast, toastReducer } from './toast-list.js';
import './toasts.css';

const LIFETIME_MS = 6_000;
const icons = { info: Info, success: CircleCheck, warning: TriangleAlert, error: CircleAlert };
const Context = createContext<((toast: Toast) => void) | undefined>(undefined);

/** Short messages in the corner, read out as they come. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, dispatch] = useReducer(toastReducer, []);
  const lastId = useRef(0);
  const add = useCallback((toast: Toast): void => {
    lastId.current += 1;
    dispatch({ type: 'add', toast: { ...toast, id: lastId.current } });
  }, []);
  const close = useCallback((id: number): void => dispatch({ type: 'close', id }), []);
  return (
    <Context value={add}>
      {children}
      <div className="toasts" role="log" aria-live="polite" aria-label="Messages">
        {toasts.map((toast) => (
          <ToastItem key={toast.id} toast={toast} onClose={close} />
        ))}
      </div>
    </Context>
  );
}

/** Shows a message for six seconds; it waits while someone points at it. The same function for as long as the page is open. */
export function useToast(): (toast: Toast) => void {
  const add = useContext(Context);
  if (!add) {
    throw new Error('useToast() is called outside of <ToastProvider>.');
  }
  return add;
}

interface ToastItemProps {
  readonly toast: ShownToast;
  readonly onClose: (id: number) => void;
}

function ToastItem({ toast: { id, level, title, detail }, onClose }: ToastItemProps) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) {
      return undefined;
    }
    const timer = setTimeout(() => onClose(id), LIFETIME_MS);
    return () => clearTimeout(timer);
  }, [held, id, onClose]);
  const Icon = icons[level];
  const hold = (): void => setHeld(true);
  const letGo = (): void => setHeld(false);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it only waits while it is read
    <div
      className="toast"
      data-level={level}
      onPointerEnter={hold}
      onPointerLeave={letGo}
      onFocus={hold}
      onBlur={letGo}
    >
      <Icon size={18} aria-hidden />
      <div className="toast-text">
        <p className="toast-title">{title}</p>
        {detail && <p className="muted small">{detail}</p>}
      </div>
      <IconButton icon={X} label="Close" size="small" onClick={() => onClose(id)} />
    </div>
  );
}
