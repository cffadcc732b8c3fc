import type { ImportView } from './import-view.js';

/** What is wrong with which line; it grows while the import runs. */
export function ProblemTable({ problems, rejected }: Pick<ImportView, 'problems' | 'rejected'>) {
  if (problems.length === 0) {
    return null;
  }
  return (
    <div className="problems">
      <h3>Problems</h3>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <div className="problems-scroll" role="region" aria-label="Problems by line" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {problems.map(({ line, message }) => (
              <tr key={line}>
                <th scope="row" className="figures">
                  {line}
                </th>
                <td>{message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rejected > problems.length && <p className="muted small">The first {problems.length} are listed.</p>}
    </div>
  );
}
