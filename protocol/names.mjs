// What the generators have in common.
export const pascal = (name) => name[0].toUpperCase() + name.slice(1);

/** Text as it may stand in a documentation comment of C#. */
export const xml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
