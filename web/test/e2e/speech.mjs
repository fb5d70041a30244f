// A speech server for tests: knows the bundled recordings by their length and answers with what is said in them, so that
// nobody waits for a recogniser. Everything behind it (decoding, alignment, judging, storing) is the real program.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const manifest = JSON.parse(readFileSync(new URL('../../../tests/data/corpus/manifest.json', import.meta.url), 'utf8'));

/** Seconds of the PCM WAV inside a multipart body. */
function secondsOf(body) {
  const at = body.indexOf('RIFF');
  const data = body.indexOf('data', at + 12);
  return body.readUInt32LE(data + 4) / body.readUInt32LE(at + 28);
}

function wordsOf(turn) {
  const words = turn.text.split(/\s+/).filter((word) => word !== '');
  const share = (turn.end - turn.start) / words.length;
  return words.map((word, i) => ({ word, start: turn.start + share * i, end: turn.start + share * (i + 0.9), probability: 0.95 }));
}

export function spoken(call, speaker, seconds) {
  const own = call.transcript.filter((turn) => turn.speaker === speaker);
  // A customer's track begins with the first word; its end is that of the last.
  const skipped = speaker === 'customer' ? Math.max(0, (own.at(-1)?.end ?? 0) - seconds + 0.1) : 0;
  const turns = own
    .filter((turn) => turn.start - skipped < seconds)
    .map((turn) => ({ ...turn, start: Math.max(0, turn.start - skipped), end: Math.min(turn.end - skipped, seconds) }));
  return {
    task: 'transcribe', language: call.language === 'en' ? 'english' : 'hindi', duration: call.duration, text: turns.map((turn) => turn.text).join(' '),
    words: turns.flatMap(wordsOf),
    segments: turns.map((turn, id) => ({ id, start: turn.start, end: turn.end, text: turn.text, avg_logprob: -0.1, no_speech_prob: 0.01, words: wordsOf(turn) })),
  };
}

// Tracks come cut at their last word, so their length does not tell the call: the test says which one it uploads next.
let expected;
export function expect(id) {
  expected = manifest.calls.find((call) => call.id === id);
}

/** The agent's track is as long as the call; channels have names. */
function speakerOf(call, seconds, channel) {
  if (call.channels === 2 && channel !== undefined) return (channel === '0') === call.layout.startsWith('agent=left') ? 'agent' : 'customer';
  return call.duration - seconds < 0.3 ? 'agent' : 'customer';
}

/** Starts it on a free port; resolves to { url, close }. */
export function startSpeech(port = 0) {
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      response.setHeader('Content-Type', 'application/json');
      const told = /^\/expect\/([\w-]+)$/.exec(request.url)?.[1];
      if (told !== undefined) {
        expect(told);
        return response.end('{}');
      }
      const sound = Buffer.concat(parts);
      const seconds = secondsOf(sound);
      const channel = /filename="ch(\d)\.wav"/.exec(sound.subarray(0, 4096).toString('latin1'))?.[1];
      response.end(JSON.stringify(spoken(expected, speakerOf(expected, seconds, channel), seconds)));
    });
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}/v1`, close: () => server.close() })));
}

if (import.meta.url === `file://${process.argv[1]}`) console.log((await startSpeech(Number(process.argv[2] ?? 0))).url);
