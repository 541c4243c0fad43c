/** A file of the browser's private disk (OPFS), written at once: only a worker may. */

/** The File System standard's FileSystemSyncAccessHandle: nobody else can open the file while it is open. */
export interface SyncFile {
  /** Returns the bytes written: fewer where the disk is full. Throws QuotaExceededError where the browser's limit is. */
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  read(bytes: Uint8Array, options: { readonly at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

/** @throws DOMException NoModificationAllowedError where another tab has it open, NotFoundError */
export async function openSyncFile(
  folder: FileSystemDirectoryHandle,
  name: string,
  options: { readonly create: boolean },
): Promise<SyncFile> {
  const handle = await folder.getFileHandle(name, options);
  // The DOM's own types leave out what only workers have.
  return await (
    handle as unknown as { createSyncAccessHandle(): Promise<SyncFile> }
  ).createSyncAccessHandle();
}
