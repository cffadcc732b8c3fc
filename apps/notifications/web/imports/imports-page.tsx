import { useState } from 'react';
import { useSearchParams } from 'react-router';

import type { Import } from '../../src/imports/import.js';
import { Page } from '../shell/page.js';
import { Notice } from '../ui/notice.js';
import { ImportCard } from './import-card.js';
import { ImportList } from './import-list.js';
import { isOver, outcomeOf } from './import-view.js';
import './imports.css';
import { UploadCard } from './upload-card.js';
import { useImports } from './use-imports.js';

export default function ImportsPage() {
  const { imports, error, refresh } = useImports();
  const [search, setSearch] = useSearchParams();
  const [news, setNews] = useState('');
  const selected = search.get('import') ?? undefined;

  const started = async (id: string, fileName: string): Promise<void> => {
    setNews(`The import of ${fileName} has begun.`);
    setSearch({ import: id });
    await refresh();
  };
  const ended = (item: Import): void => {
    setNews(outcomeOf(item));
    if (selected === undefined) {
      // What somebody has watched to the end stays where it is.
      setSearch({ import: item.id }, { replace: true });
    }
    void refresh();
  };
  const inFull = imports?.filter((item) => item.id === selected || !isOver(item));
  return (
    <Page
      title="Import"
      lead="Send many notifications from one file. Lines with problems are left out, and listed."
    >
      <p className="sr-only" role="status">
        {news}
      </p>
      <UploadCard onStart={(id, fileName) => void started(id, fileName)} />
      {error && <Notice tone="danger">{error}</Notice>}
      {inFull?.map((item) => (
        <ImportCard key={item.id} known={item} onEnd={ended} />
      ))}
      <ImportList imports={imports?.filter(isOver)} selected={selected} />
    </Page>
  );
}
