import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A relative link of a document that leads nowhere, and why. */
export type BrokenLink = { readonly target: string; readonly why: 'no such file' | 'no such heading' };

/**
 * Relative links of a markdown text that do not resolve, anchors of markdown files included.
 * @param file where the text lies, absolute: links are relative to its folder
 */
export function brokenLinks(file: string, text: string): BrokenLink[] {
  return linkTargets(text).flatMap((target): BrokenLink[] => {
    const [path = '', anchor] = target.split('#');
    const found = path === '' ? file : join(dirname(file), decodeURIComponent(path));
    if (!existsSync(found)) return [{ target, why: 'no such file' }];
    if (anchor === undefined || !found.endsWith('.md') || statSync(found).isDirectory()) return [];
    const there = path === '' ? text : readFileSync(found, 'utf8');
    return anchorsOf(there).includes(anchor) ? [] : [{ target, why: 'no such heading' }];
  });
}

/** Targets of links and pictures, but for those with a scheme. */
function linkTargets(text: string): string[] {
  const prose = withoutCode(text);
  return [...prose.matchAll(/\]\(\s*([^)\s]+)[^)]*\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...withoutCode(text, 'blocks').matchAll(/^#+\s+(.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text: string, what: 'all' | 'blocks' = 'all'): string {
  const blocks = text.replaceAll(/^```[\s\S]*?^```/gm, '');
  return what === 'blocks' ? blocks : blocks.replaceAll(/`[^`\n]*`/g, '');
}
