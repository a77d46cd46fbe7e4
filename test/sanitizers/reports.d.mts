export function readFaults(folder: string): string[];
export function faultsIn(report: string): string[];
export function frames(text: string): { module: string; offset: string }[];
