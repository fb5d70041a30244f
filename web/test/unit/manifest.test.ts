import { describe, expect, it } from 'vitest';
import { cellsOf, fieldsOf, readManifest, unknownNames, type Directory } from '@/features/upload/manifest';

const directory: Directory = {
  agent: [{ value: 'a-1', label: 'Priya Nair (EMP-1)', also: ['Priya Nair', 'EMP-1'] }],
  city: [{ value: '1', label: 'Mumbai' }, { value: '2', label: 'Pune' }],
  issue: [{ value: 'Payment', label: 'Payment' }],
};
const shared = { agent_identifier: 'a-9', city_identifier: '9', issue_category: '', channel_map: 'mono' };

describe('a list of recordings', () => {
  it('is read with quotes, commas in them, other line ends and a mark at its start', () => {
    expect(cellsOf('a,"b, ""c""\nd"\r\n\r\n;x')).toEqual([['a', 'b, "c"\nd'], ['', 'x']]);
    expect(readManifest('\uFEFFFile,City\none.mp3,Pune\n')?.rows.get('one.mp3')).toEqual({ city: 'Pune' });
  });
  it('is none without a column of files', () => {
    expect(readManifest('agent,city\nPriya,Pune')).toBeUndefined();
  });
  it('counts before what was chosen for all; an empty cell does not', () => {
    const manifest = readManifest('file,agent,city,issue,channels\none.mp3,emp-1,,Payment,\ntwo.mp3,,pune,,left=agent,right=customer')!;
    expect(fieldsOf('one.mp3', shared, manifest, directory, {})).toEqual({ fields: { agent_identifier: 'a-1', city_identifier: '9', issue_category: 'Payment', channel_map: 'mono' }, missing: [] });
    expect(fieldsOf('two.mp3', shared, manifest, directory, {}).missing).toEqual(['issue']);
    expect(fieldsOf('other.mp3', shared, manifest, directory, {}).fields).toEqual(shared);
  });
  it('names who is not known, once, until a person says who is meant', () => {
    const manifest = readManifest('file,city\n1.mp3,Bombay\n2.mp3,Bombay\n3.mp3,Pune')!;
    expect(unknownNames(manifest, directory)).toEqual([{ kind: 'city', name: 'Bombay' }]);
    expect(fieldsOf('1.mp3', shared, manifest, directory, {}).missing).toContain('city');
    expect(fieldsOf('1.mp3', shared, manifest, directory, { 'city:Bombay': '1' }).fields.city_identifier).toBe('1');
  });
});
