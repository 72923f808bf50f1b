"""Hostile texts: what people wrote to break out of such languages, each in every place where an expression may stand."""

# ruff: noqa: E501 (texts of networks stay in one piece)
from __future__ import annotations

_EXPRESSIONS = (
    "__import__('os').system('touch /tmp/owned')", "().__class__.__bases__[0].__subclasses__()", "getattr(nn, 'Linear')",
    "getattr(torch, 'load')('x')", "setattr(self, 'a', 1)", "globals()", "locals()", "vars(self)", "dir(nn)",
    "eval('1')", "exec('import os')", "compile('1', 'f', 'eval')", "open('/etc/passwd').read()", "input()",
    "breakpoint()", "type(self)", "type('A', (), {})", "object()", "super().__class__", "self.__class__",
    "self.__dict__", "self.forward.__globals__", "self.forward.__code__", "nn.Module.__subclasses__()", "nn.__dict__",
    "nn.modules", "nn.functional.torch", "torch.os", "torch.sys.modules", "torch.hub.load('a/b', 'c')",
    "torch.load('weights.pt')", "torch.save(self, 'x')", "torch.jit.script(self)", "torch.compile(self)",
    "torch.ops.load_library('x.so')", "torch.utils.cpp_extension.load('x', [])", "torch.classes.load_library('x')",
    "torch.serialization.load('x')", "torch.nn.utils.rnn", "torch.cuda.init()", "torch.distributed.init_process_group()",
    "torch.from_file('/etc/passwd')", "torch.multiprocessing.Process()", "torch.package.PackageImporter('x')",
    "nn.Linear.__init__.__globals__", "nn.Linear(40, 10).__class__", "nn.Linear(40, 10).register_forward_hook(print)",
    "nn.Linear(10 ** 9, 10 ** 9)", "nn.Linear(65536, 16384)", "nn.Conv2d(4096, 4096, 256)", "10 ** 10 ** 10",
    "2 ** 16 ** 16", "9" * 5000, "0x" + "f" * 400, "1e400", "1j", "b'bytes'", "'a' * 10 ** 9", "[0] * 10 ** 9",
    "(0,) * 512 * 512", "[i for i in range(10 ** 9)]", "[j for i in range(500) for j in range(500)]",
    "[[k for k in range(512)] for i in range(512)]", "sum([sum([j for j in range(512)]) for i in range(512)])",
    "list(range(0, 1048576))", "f'{self}'", "f'{().__class__}'", "'%s' % self", "'{0.__class__}'.format(self)",
    "lambda: 0", "(lambda f: f(f))(lambda f: f(f))", "(lambda: (lambda: (lambda: 0)()))()()", "(y := 5)", "{}", "{1, 2}",
    "{'a': 1}", "{i for i in range(3)}", "{i: i for i in range(3)}", "(yield)", "await x", "*x", "x if True else __name__",
    "__builtins__", "__file__", "__loader__", "nn.Module", "nn", "torch", "F", "print('hello')", "print(torch)",
    "range", "min", "self.forward(x)", "self.__init__()", "Net()", "Net().forward", "super(Net, self).forward(x)",
    "nn.Sequential(nn.Linear)", "nn.Sequential(Net)", "nn.ModuleList([print])", "nn.Parameter(x)", "nn.Parameter(5)",
    "nn.LazyLinear(10)", "nn.DataParallel(self)", "nn.Embedding(10, 10)", "nn.Buffer(x)", "F.linear(x, x)",
    "F.torch", "F.os", "F.boolean_dispatch", "nn.functional.handle_torch_function", "torch.__version__",
    "math.__loader__", "math.factorial(10 ** 6)", "math.sqrt(-1)", "x.__class__", "x.data", "x.grad", "x.backward()",
    "x.numpy()", "x.tolist()", "x.cuda()", "x.to('cuda')", "x.register_hook(print)", "x.storage()", "x.apply_(print)",
    "x.share_memory_()", "x.fill_(0)", "x.zero_()", "x.expand(10 ** 6, 40)", "x.repeat(10 ** 6, 1)",
    "x.view(10 ** 6, 10 ** 6)", "x[10 ** 6]", "x[x]", "x[True]", "x['a']", "x[::-1]", "x[:, ::0]", "not x", "x and x",
    "x == x", "-" * 200 + "1", "(" * 60 + "1" + ")" * 60, "not " * 100 + "1", "1" + " + 1" * 3000, "x.a.b.c.d.e",
    "self.a.b", "self.modules()", "self.parameters()", "self.state_dict()", "self.register_buffer('a', x)",
    "self.add_module('a', x)", "self.apply(print)", "self.to('cuda')", "self.load_state_dict({})", "self.type('x')",
)  # fmt: skip
_PLACES = {
    "forward": "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(40, 10)\n"
    "    def forward(self, x):\n        y = HERE\n        return self.fc(x)\n",
    "init": "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        x = 1\n"
    "        self.y = HERE\n        self.fc = nn.Linear(40, 10)\n    def forward(self, x):\n        return self.fc(x)\n",
    "default": "class Net(nn.Module):\n    def __init__(self, y=HERE):\n        super().__init__()\n"
    "        self.fc = nn.Linear(40, 10)\n    def forward(self, x):\n        return self.fc(x)\n",
}  # fmt: skip
_WHOLE = (
    "import os\n", "from os import system\n", "import torch.hub\n", "import torch as nn\n", "from torch import *\n",
    "from torch import hub\n", "from . import secrets\n", "import builtins as F\n", "nn = 5\n", "torch = None\n",
    "range = 5\n", "F, nn = 1, 2\n", "def range(n):\n    return 5\n", "class nn(nn.Module):\n    pass\n",
    "def f():\n    return f()\nf()\n", "while True:\n    pass\n", "for i in range(3):\n    pass\n",
    "with open('x') as f:\n    pass\n", "try:\n    pass\nexcept Exception:\n    pass\n", "raise ValueError\n",
    "assert False\n", "del nn\n", "global x\n", "async def f():\n    pass\n", "match 1:\n    case 1:\n        pass\n",
    "@staticmethod\ndef f():\n    pass\n", "@torch.jit.script\nclass A(nn.Module):\n    pass\n",
    "class A(torch.autograd.Function):\n    pass\n", "class A(nn.Linear):\n    pass\n", "class A:\n    pass\n",
    "class A(nn.Module, metaclass=type):\n    pass\n", "class A(type):\n    pass\n", "class A(dict, nn.Module):\n    pass\n",
    "class A(nn.Module):\n    class B(nn.Module):\n        pass\n", "class A(nn.Module):\n    def __getattr__(self, n):\n        return 1\n",
    "class A(nn.Module):\n    def __del__(self):\n        pass\n", "class A(nn.Module):\n    __slots__ = []\n",
    "class A(nn.Module):\n    def f(self, *args):\n        pass\n", "class A(nn.Module):\n    def f(self, **kw):\n        pass\n",
    "def f(x=[].append(1)):\n    pass\n", "def f(x=__import__('os')):\n    pass\n", "\u0430 = 1\n", "\uff4e\uff4e = 1\n",
    "n\u0250 = 1\n", "x\u200b = 1\n", "\x00", "\ufeff\n)", "# -*- coding: utf-7 -*-\n+AG8-\n)", "# coding: unknown\nimport os\n",
    "if True:\n  x = 1\n    y = 2\n", "\t x = 1\n  y = 2\n", "def f(:\n", "'" * 3 + "never closed", "x = 1 +\n",
    "x" * 50 + " = 1\n", "x = '" + "a" * 100 + "'\n", "x = 1\n" * 5000, "(" * 5000, "[" * 150 + "]" * 150, "x." * 500 + "y\n",
    "def f(a):\n    return a(a)\ny = f(f)\n", "def f():\n    def g():\n        pass\n", "type X = int\n", "print(1)\n", "1/0\n",
    "x = 1/0\n", "x: __import__('os') = 1\n", "def f() -> __import__('os'):\n    pass\n", "exec = 1\nexec('x')\n", "`ls`\n", "!ls\n",
)  # fmt: skip


def programs() -> list[str]:
    """All of them, each with a network that would be translated without the hostile part."""
    found = [text.replace("HERE", expression) for text in _PLACES.values() for expression in _EXPRESSIONS]
    return [*found, *(whole + _PLACES["forward"].replace("HERE", "x") for whole in _WHOLE)]
