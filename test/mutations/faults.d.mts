export const faults: readonly { name: string; fault: string; file: string; from: string }[];
