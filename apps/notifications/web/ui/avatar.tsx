import './surfaces.css';

/** The first letter of a name, for the eyes only: the name stands beside it. */
export function Avatar({ name }: { readonly name: string }) {
  return (
    <span className="avatar" aria-hidden>
      {name.slice(0, 1).toUpperCase()}
    </span>
  );
}
