import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

interface Section {
  /** What is typed into a terminal, block by block. */
  readonly commands: readonly string[];
  /** What is then seen there. */
  readonly outputs: readonly string[];
}

/** docs/guide.md: the files that it has its reader write, and under each heading what is typed and seen. */
export class Guide {
  private constructor(
    readonly files: Readonly<Record<string, string>>,
    private readonly sections: ReadonlyMap<string, Section>,
  ) {}

  static async read(): Promise<Guide> {
    const text = await readFile(resolve(root, 'docs/guide.md'), 'utf8');
    const files = [...text.matchAll(/^\*\*`(.+)`\*\*\n\n```\w+\n([\s\S]*?)^```$/gm)];
    const sections = text.split(/^## /m).map((section): [string, Section] => {
      const [title = ''] = section.split('\n');
      return [title, { commands: blocks(section, 'sh'), outputs: blocks(section, '') }];
    });
    return new Guide(
      Object.fromEntries(files.map(([, name = '', content = '']) => [name, content])),
      new Map(sections),
    );
  }

  /** @throws Error if there is no such heading */
  section(title: string): Section {
    const section = this.sections.get(title);
    if (!section) {
      throw new Error(`The guide has no "${title}", but ${[...this.sections.keys()].join(', ')}.`);
    }
    return section;
  }
}

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, its, content = '']) =>
    its === language ? content : [],
  );
}
