"""QuickJS and nothing else: contexts, calls, text and bytes across, errors, the few C functions.

Knows neither fibers nor fibjs.  Everything that touches the C library is declared in `native`.
"""

from fibshim.engine.engine import Engine
from fibshim.engine.native import EngineError
from fibshim.engine.values import ScriptError

__all__ = ["Engine", "EngineError", "ScriptError"]
