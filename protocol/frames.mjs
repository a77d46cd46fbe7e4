// The constants of frames.json, for each language.
import { pascal, xml } from './names.mjs';

export function typescriptFrames(frames, notice) {
  const out = [`// ${notice}`, ''];
  const constants = (name, about, entries) => {
    out.push(`/** ${about} */`, `export const ${name} = {`);
    for (const [key, value, note] of entries) {
      if (note) out.push(`  /** ${note} */`);
      out.push(`  ${key}: ${value},`);
    }
    out.push('} as const;', '');
  };
  out.push(
    `/** Frames begin and end at a multiple of this many bytes. */`,
    `export const FRAME_ALIGNMENT = ${frames.alignment};`,
    '',
  );
  constants(
    'Header',
    'Positions of the header words of every frame, in int32 words.',
    frames.header.map((w, i) => [w.name, i, w.about]),
  );
  constants('Limits', 'Sizes both sides keep to, in bytes.', entriesOf(frames.limits));
  for (const { name, about, entries } of values(frames, (each) => `\`${each}\``))
    constants(name, about, entries);
  for (const [direction, name, about] of directions) {
    constants(name, about, entriesOf(frames[direction]));
    constants(
      `${name}Words`,
      'Positions of each frame’s own words, in int32 words, and of its payload, in bytes.',
      Object.entries(frames[direction]).map(([k, v]) => [
        k,
        `{ ${[...v.words.map((w, i) => `${w}: ${frames.header.length + i}`), `payload: ${payloadOffset(frames, v)}`].join(', ')} }`,
      ]),
    );
  }
  return out.join('\n');
}

export function csharpFrames(frames, notice) {
  const out = [`// ${notice}`, 'namespace Owin.Host.Http;', ''];
  const constants = (name, about, entries) => {
    out.push(`/// <summary>${about}</summary>`, `internal static class ${name}`, '{');
    for (const [key, value, note] of entries) {
      if (note) out.push(`    /// <summary>${xml(note)}</summary>`);
      out.push(`    public const int ${pascal(key)} = ${value};`);
    }
    out.push('}', '');
  };
  constants('FrameHeader', 'Positions of the header words of every frame, in int32 words.', [
    ...frames.header.map((w, i) => [w.name, i, w.about]),
    ['words', frames.header.length, 'how many there are'],
    ['alignment', frames.alignment, 'frames begin and end at a multiple of this many bytes'],
  ]);
  constants('FrameLimits', 'Sizes both sides keep to, in bytes.', entriesOf(frames.limits));
  for (const { name, about, entries } of values(frames, (each) => `<c>${each}</c>`))
    constants(name, about, entries);
  for (const [direction, name, about] of directions) {
    constants(name, about, entriesOf(frames[direction]));
    for (const [k, v] of Object.entries(frames[direction]))
      constants(
        `${name}${pascal(k)}`,
        `Words of the frame <c>${k}</c>: positions in int32 words, the payload’s in bytes.`,
        [
          ...v.words.map((w, i) => [w, frames.header.length + i]),
          ['payload', payloadOffset(frames, v)],
        ],
      );
  }
  return out.join('\n').trimEnd() + '\n';
}

export function nativeFrames(frames, notice) {
  return [
    `// ${notice}`,
    '#ifndef OWIN_FRAMES_GENERATED_H_',
    '#define OWIN_FRAMES_GENERATED_H_',
    '',
    '/* Native code reads nothing of a frame; it asserts that whole, aligned frames cross. */',
    `#define OWIN_FRAME_ALIGNMENT ${frames.alignment}`,
    `#define OWIN_FRAME_HEADER_BYTES ${frames.header.length * 4}`,
    '',
    '#endif',
    '',
  ].join('\n');
}

function payloadOffset(frames, frame) {
  return (frames.header.length + frame.words.length) * 4;
}

const directions = [
  ['toClr', 'ToClr', 'Types of the frames from JavaScript to .NET.'],
  ['toJs', 'ToJs', 'Types of the frames from .NET to JavaScript.'],
];

const entriesOf = (table) =>
  Object.entries(table).map(([key, { value, about }]) => [key, value, about]);

/** The constants of flags and other words; `code` marks a name in a comment. */
function values(frames, code) {
  return [
    ...Object.entries(frames.flags).map(([name, table]) => ({
      name: `${pascal(name)}Flags`,
      about: `Flags of the frame ${code(name)}.`,
      entries: entriesOf(table),
    })),
    ...Object.entries(frames.values).map(([name, table]) => ({
      name: pascal(name),
      about: `What ${code(name)} may be.`,
      entries: entriesOf(table),
    })),
  ];
}
