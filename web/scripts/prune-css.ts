import type { Plugin } from 'vite';

/**
 * Mantine names its classes m_ and eight hex digits. A rule all of whose selectors need such a class that occurs in no
 * chunk can match nothing, so it is dropped after bundling. No list of components is kept by hand.
 */
export function pruneMantineCss(): Plugin {
  return {
    name: 'prune-mantine-css',
    apply: 'build',
    generateBundle(_options, bundle) {
      const used = new Set<string>();
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') for (const name of file.code.match(/m_[0-9a-f]{6,8}/g) ?? []) used.add(name);
      }
      for (const file of Object.values(bundle)) {
        if (file.type === 'asset' && file.fileName.endsWith('.css')) file.source = pruned(String(file.source), used);
      }
    },
  };
}

export function pruned(css: string, used: ReadonlySet<string>): string {
  let out = '';
  let at = 0;
  while (at < css.length) {
    const open = css.indexOf('{', at);
    const semicolon = css.indexOf(';', at);
    if (open < 0) return out + css.slice(at);
    if (semicolon >= 0 && semicolon < open && css[at] === '@') { // @import, @charset, @layer a, b;
      out += css.slice(at, semicolon + 1);
      at = semicolon + 1;
      continue;
    }
    const head = css.slice(at, open);
    const end = closing(css, open);
    const body = css.slice(open + 1, end);
    if (/^\s*@(media|supports|layer|container)/.test(head)) {
      const inner = pruned(body, used);
      if (inner.trim() !== '') out += `${head}{${inner}}`;
    } else if (head.trim().startsWith('@')) {
      out += `${head}{${body}}`;
    } else {
      const kept = selectors(head).filter((selector) => (selector.match(/m_[0-9a-f]{6,8}/g) ?? []).every((name) => used.has(name)));
      if (kept.length > 0) out += `${kept.join(',')}{${body}}`;
    }
    at = end + 1;
  }
  return out;
}

function closing(css: string, open: number): number {
  let depth = 0;
  let quote = '';
  for (let i = open; i < css.length; i += 1) {
    const c = css[i]!;
    if (quote !== '') {
      if (c === '\\') i += 1;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if (c === '{') depth += 1;
    else if (c === '}' && (depth -= 1) === 0) return i;
  }
  return css.length;
}

/** Splits at commas outside brackets, so that :is(a, b) stays whole. */
function selectors(head: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < head.length; i += 1) {
    if ('(['.includes(head[i]!)) depth += 1;
    else if (')]'.includes(head[i]!)) depth -= 1;
    else if (head[i] === ',' && depth === 0) {
      parts.push(head.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, head.slice(from)];
}
