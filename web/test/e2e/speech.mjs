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
  const turns = call.transcript
    .filter((turn) => turn.speaker === speaker && turn.start < seconds)
    .map((turn) => ({ ...turn, end: Math.min(turn.end, seconds) }));
  return {
    task: 'transcribe', language: call.language === 'en' ? 'english' : 'hindi', duration: call.duration, text: turns.map((turn) => turn.text).join(' '),
    words: turns.flatMap(wordsOf),
    segments: turns.map((turn, id) => ({ id, start: turn.start, end: turn.end, text: turn.text, avg_logprob: -0.1, no_speech_prob: 0.01, words: wordsOf(turn) })),
  };
}

// Of the two tracks of a call the agent's is as long as the call; the other one is cut at its last word and waits for it.
const tolerance = 0.3;
const callOf = (seconds) => manifest.calls.find((each) => each.duration - seconds >= 0 && each.duration - seconds < tolerance);
const waiting = new Set();
let latest;

/** Whose words a track holds; undefined when its other half does not come, then the program asks again. */
function decide(seconds) {
  const whole = callOf(seconds);
  if (whole !== undefined) {
    const [first] = waiting;
    if (first !== undefined) first(whole);
    else latest = { call: whole, at: Date.now() };
    return Promise.resolve({ call: whole, speaker: 'agent' });
  }
  if (latest !== undefined && Date.now() - latest.at < 5000) {
    const { call } = latest;
    latest = undefined;
    return Promise.resolve({ call, speaker: 'customer' });
  }
  return new Promise((resolve) => {
    const settle = (call) => {
      waiting.delete(settle);
      resolve(call === undefined ? undefined : { call, speaker: 'customer' });
    };
    waiting.add(settle);
    setTimeout(() => settle(undefined), 4000);
  });
}

/** Starts it on a free port; resolves to { url, close }. */
export function startSpeech(port = 0) {
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', async () => {
      const seconds = secondsOf(Buffer.concat(parts));
      const track = await decide(seconds);
      response.setHeader('Content-Type', 'application/json');
      if (track === undefined) response.statusCode = 503;
      response.end(JSON.stringify(track === undefined ? { error: { message: 'try again' } } : spoken(track.call, track.speaker, seconds)));
    });
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}/v1`, close: () => server.close() })));
}

if (import.meta.url === `file://${process.argv[1]}`) console.log((await startSpeech(Number(process.argv[2] ?? 0))).url);
