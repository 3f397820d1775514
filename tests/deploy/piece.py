"""What the pieces of a set-up that tests start have in common."""

import shutil


class Piece:
    """Has a `process`, its `log` (a file) and a `folder`; use it in a `with`."""

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
