/** Hands files to the browser, which saves them where its downloads go. */

/** The browser has begun to read a file by then; what it reads stays until it is done. */
const READ_MS = 60_000;

export function saveFiles(files: readonly File[]): void {
  for (const file of files) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), READ_MS);
  }
}
