/** A text with the numbers of its lines. It is text, whatever it holds. */
export function Numbered({ text, label }: { text: string; label: string }) {
  const lines = text.replace(/\n$/, '').split('\n');
  return (
    <div className="hs-code" role="region" aria-label={label} tabIndex={0}>
      <pre className="hs-code-numbers" aria-hidden="true">{lines.map((_, i) => i + 1).join('\n')}</pre>
      <pre>{lines.join('\n')}</pre>
    </div>
  );
}
