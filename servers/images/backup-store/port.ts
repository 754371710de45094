/** Where restic-rest-server listens, and restic looks for it, when nobody says otherwise. */
export const BACKUP_STORE_PORT = 8000;
