"""The syntax tree of a module, with the coercions of the language put in; every node keeps its line and column.

What changes, and nothing else: values that get a declared type (parameters, variables, results, statics) pass through a
coercer; so do conditional expressions, whose branches may be bare numbers; f-strings become `Text`; `assert` traps;
arithmetic of `@wrapping` functions is marked; `IntEnum` is the one that traps; `__exit__` does nothing on a trap.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, TypeVar

from exotool.lang import intrinsics
from exotool.lang.builtins import REPLACED
from exotool.lang.inference import Scope
from exotool.lang.integers import INTEGERS
from exotool.lang.runtime import Find, ModuleRuntime

RUNTIME = "__kpy__"
OPERATIONS = frozenset((*INTEGERS, *REPLACED, *vars(intrinsics)))
WRAPPED = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv)

Node = TypeVar("Node", bound=ast.AST)


@dataclass
class Context:
    """Where the transformer is: the class, and what is known of the function."""

    owner: str = ""
    owner_variables: tuple[str, ...] = ()
    scope: Scope | None = None  # None outside of functions
    globals: set[str] = field(default_factory=set)
    assigned: dict[str, int] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    returns: str = ""
    wrapping: bool = False

    @property
    def function_scope(self) -> Scope:
        """The scope, inside of a function."""
        if self.scope is None:
            raise AssertionError("not in a function")
        return self.scope


class Transformer(ast.NodeTransformer):
    """Transforms one module. Coercers are globals of the module, declared in its runtime as they are met."""

    def __init__(self, runtime: ModuleRuntime) -> None:
        self.runtime = runtime
        self.context = Context()
        self.variables: set[str] = set()
        self.statics: dict[str, str] = {}
        self.cells: set[str] = set()
        self._coercers: dict[str, str] = {}
        self._number = 0

    def transform(self, tree: ast.Module) -> ast.Module:
        """Return the module's tree, changed in place."""
        for statement in tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="TypeVar"))):
                    self.variables.add(name)
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if not _is_bare_final(annotation):
                    self.statics[name] = ast.unparse(annotation)
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="addressof"), args=[ast.Name(id=name)]) if name in self.statics:
                    self.cells.add(name)
        self.generic_visit(tree)
        return ast.fix_missing_locations(tree)

    # --- making nodes ---------------------------------------------------------------------------------------------

    def _runtime(self, name: str) -> ast.expr:
        return ast.Attribute(ast.Name(RUNTIME, ast.Load()), name, ast.Load())

    def _call(self, place: ast.AST, function: ast.expr, *arguments: ast.expr) -> ast.expr:
        return _at(place, ast.Call(function, list(arguments), []))

    def _coercer(self, annotation: str) -> str:
        if annotation not in self._coercers:
            self._coercers[annotation] = name = f"__kpy_c{len(self._coercers)}__"
            self.runtime.declare_coercer(name, annotation)
        return self._coercers[annotation]

    def _coerced(self, annotation: str, value: ast.expr) -> ast.expr:
        """Return the value in an annotated type. In a generic function the annotation is evaluated there."""
        if set(_names(annotation)) & set(self.context.variables):
            return self._call(value, self._runtime("to"), _plain(annotation), value)
        return self._call(value, ast.Name(self._coercer(annotation), ast.Load()), value)

    def _inferred(self, value: ast.expr, find: Find) -> ast.expr:
        """Return the value in a type that is read off the source; in a generic function, once for each binding."""
        scope = self.context.scope
        if scope is None:
            return value
        self._number += 1
        if self.context.variables:
            self.runtime.bound_inferences[self._number] = (scope, self.context.owner_variables, find)
            names = ast.Tuple([ast.Constant(n) for n in self.context.variables], ast.Load())
            types = ast.Tuple([ast.Name(n, ast.Load()) for n in self.context.variables], ast.Load())
            return self._call(value, self._runtime("to_inferred"), ast.Constant(self._number), names, types, value)
        name = f"__kpy_i{self._number}__"
        self.runtime.declare_inferred(name, scope, find)
        return self._call(value, ast.Name(name, ast.Load()), value)

    # --- declarations ----------------------------------------------------------------------------------------------

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        """Let the module have the IntEnum that traps."""
        if node.module == "enum" and node.level == 0:
            for alias in node.names:
                if alias.name == "IntEnum":
                    alias.asname = alias.asname or alias.name
                    alias.name = "KernelEnum"
            if any(alias.name == "KernelEnum" for alias in node.names):
                node.module = "exotool.lang.bitrecords"
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        """Leave `if TYPE_CHECKING:` alone."""
        return node if is_type_checking(node) else self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Enter a class; its annotations are fields and stay."""
        outer = self.context
        variables = [
            name
            for base in node.bases
            if isinstance(base, ast.Subscript) and ast.unparse(base.value) in ("Generic", "typing.Generic")
            for name in _names(ast.unparse(base.slice))
        ]
        self.context = Context(owner=node.name, owner_variables=tuple(variables))
        node.body = [s if isinstance(s, (ast.AnnAssign, ast.Assign)) else self.visit(s) for s in node.body]
        self.context = outer
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Coerce parameters, variables and the result."""
        outer = self.context
        marks = {_decorator(d) for d in node.decorator_list}
        self.context = self._enter(node, marks)
        prologue = self._prologue(node)
        docstring = [node.body[0]] if ast.get_docstring(node, clean=False) is not None else []
        body = node.body[len(docstring) :]
        if "extern" in marks and all(_does_nothing(s) for s in body):
            body = [] if self.context.returns in ("", "None") else [self._no_model(node)]
        else:
            body = [s for statement in body for s in _as_list(self.visit(statement))]
        node.body = [*docstring, *prologue, *body] or [_at(node, ast.Pass())]
        self.context = outer
        return node

    def _enter(self, node: ast.FunctionDef, marks: set[str]) -> Context:
        outer = self.context
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        is_method = bool(outer.owner) and "staticmethod" not in marks
        receiver = arguments[0].arg if is_method and arguments else ""
        scope = Scope(self.runtime.namespace, outer.owner, receiver)
        context = Context(outer.owner, outer.owner_variables, scope, wrapping="wrapping" in marks)
        context.returns = ast.unparse(node.returns) if node.returns is not None else ""
        used = {name for a in arguments if a.annotation for name in _names(ast.unparse(a.annotation))}
        own = outer.owner_variables if is_method else ()
        context.variables = tuple(dict.fromkeys([*own, *sorted(used & self.variables)]))
        for argument in arguments:
            if argument.annotation is not None:
                scope.annotations[argument.arg] = ast.unparse(argument.annotation)
            elif argument.arg != receiver:
                scope.unknown.add(argument.arg)
        _Locals(context, scope).walk(node.body)
        for name in context.globals:
            for table in (scope.annotations, scope.first):
                table.pop(name, None)
        return context

    def _prologue(self, node: ast.FunctionDef) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        scope = self.context.function_scope
        typed = [a for a in arguments if a.annotation is not None]
        if self.context.variables:
            pairs = [
                ast.Tuple([ast.Constant(scope.annotations[a.arg]), ast.Name(a.arg, ast.Load())], ast.Load())
                for a in typed
            ]
            receiver = ast.Name(scope.receiver, ast.Load()) if scope.receiver else ast.Constant(None)
            names = ast.Tuple([ast.Constant(n) for n in self.context.variables], ast.Load())
            bound = self._call(node, self._runtime("bind"), names, receiver, *pairs)
            target = ast.Tuple([ast.Name(n, ast.Store()) for n in self.context.variables], ast.Store())
            made.append(_at(node, ast.Assign([target], bound)))
        for argument in typed:
            value = self._coerced(scope.annotations[argument.arg], _at(argument, ast.Name(argument.arg, ast.Load())))
            made.append(_at(argument, ast.Assign([ast.Name(argument.arg, ast.Store())], value)))
        if node.name == "__exit__" and node.args.vararg is not None:
            test = ast.Subscript(ast.Name(node.args.vararg.arg, ast.Load()), ast.Constant(0), ast.Load())
            raised = ast.Compare(test, [ast.IsNot()], [ast.Constant(None)])
            made.append(_at(node, ast.If(raised, [ast.Return(None)], [])))
        return made

    def _no_model(self, node: ast.FunctionDef) -> ast.stmt:
        return _at(node, ast.Return(self._call(node, self._runtime("no_model"), ast.Constant(node.name))))

    # --- statements ------------------------------------------------------------------------------------------------

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Give a variable or a static its declared type."""
        if not isinstance(node.target, ast.Name) or _is_bare_final(node.annotation):
            return self.generic_visit(node) if node.value is not None else node
        annotation = ast.unparse(node.annotation)
        name = node.target.id
        if self.context.scope is not None:
            if node.value is None:
                return node
            value = self._coerced(annotation, self._wanted(node.value))
            return _at(node, ast.Assign([node.target], value))
        arguments: list[ast.expr] = [ast.Constant(name), ast.Constant(annotation)]
        if node.value is None:
            made = self._call(node, self._runtime("static_zero"), *arguments)
        else:
            value = self._wanted(node.value)
            read_only = ast.Constant(annotation.startswith(("Final", "typing.Final")))
            make = "cell" if name in self.cells else "static"
            made = self._call(value, self._runtime(make), *arguments, value, read_only)
        return _at(node, ast.AnnAssign(node.target, node.annotation, made, 1))

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """Give the value the type that its variable has."""
        has_type = isinstance(node.targets[0], (ast.Attribute, ast.Subscript)) or (
            self.context.scope is not None
            and isinstance(node.targets[0], ast.Name)
            and self._annotation_of(node.targets[0].id) != ""
        )
        node.value = self._wanted(node.value) if has_type else self.visit(node.value)
        node.targets = [self.visit(t) for t in node.targets]
        if self.context.scope is None or len(node.targets) != 1:
            return node
        match node.targets[0]:
            case ast.Name(id=name):
                node.value = self._for_name(name, node.value)
            case ast.Tuple(elts=targets):
                coercers = [self._coercer_of(t) for t in targets]
                if any(not isinstance(c, ast.Constant) for c in coercers):
                    made = ast.Tuple(coercers, ast.Load())
                    node.value = self._call(node.value, self._runtime("unpack"), made, node.value)
        return node

    def _for_name(self, name: str, value: ast.expr) -> ast.expr:
        annotation = self._annotation_of(name)
        if annotation:
            return self._coerced(annotation, value)
        if self.context.assigned.get(name, 0) > 1 and name not in self.context.globals:
            return self._inferred(value, lambda s: s.local(name))
        return value

    def _annotation_of(self, name: str) -> str:
        scope = self.context.function_scope
        if name in self.context.globals:
            return self.statics.get(name, "")
        return scope.annotations.get(name, "")

    def _coercer_of(self, target: ast.expr) -> ast.expr:
        """Return the name of the coercer for an unpacked item, or None."""
        if isinstance(target, ast.Name):
            annotation = self._annotation_of(target.id)
            if annotation and not set(_names(annotation)) & set(self.context.variables):
                return ast.Name(self._coercer(annotation), ast.Load())
            if self.context.assigned.get(target.id, 0) > 1 and not annotation and not self.context.variables:
                name = target.id
                call = self._inferred(ast.Constant(0), lambda s: s.local(name))
                return call.func if isinstance(call, ast.Call) else ast.Constant(None)
        return ast.Constant(None)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """Mark arithmetic that may wrap."""
        self.generic_visit(node)
        if self.context.wrapping and isinstance(node.op, WRAPPED):
            node.value = self._call(node.value, self._runtime("wrapped"), node.value)
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        """Give the variable its declared type."""
        self.generic_visit(node)
        if self.context.scope is not None and isinstance(node.target, ast.Name):
            annotation = self._annotation_of(node.target.id)
            if annotation and not set(_names(annotation)) & set(self.context.variables):
                coercer = ast.Name(self._coercer(annotation), ast.Load())
                node.iter = self._call(node.iter, self._runtime("each"), coercer, node.iter)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        """Give the result its type."""
        if node.value is not None:
            node.value = self._wanted(node.value) if self.context.returns else self.visit(node.value)
            if self.context.returns:
                node.value = self._coerced(self.context.returns, node.value)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """Trap, also under `python -O`."""
        self.generic_visit(node)
        arguments = [node.msg] if node.msg is not None else []
        return _at(
            node, ast.Expr(ast.BoolOp(ast.Or(), [node.test, self._call(node, self._runtime("fail"), *arguments)]))
        )

    def _wanted(self, node: ast.expr) -> ast.expr:
        """Visit a value that gets a declared type: the branches of a conditional need no type of their own then."""
        if not isinstance(node, ast.IfExp):
            visited: ast.expr = self.visit(node)
            return visited
        node.test = self.visit(node.test)
        node.body, node.orelse = self._wanted(node.body), self._wanted(node.orelse)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Leave it to a function to give its arguments their types; casts and operations do not."""
        if isinstance(node.func, ast.Name) and node.func.id == "addressof" and len(node.args) == 1:
            node.args = [self._place(node.args[0])]
            return node
        node.func = self.visit(node.func)
        is_operation = isinstance(node.func, ast.Name) and node.func.id in OPERATIONS
        node.args = [self.visit(a) if is_operation else self._wanted(a) for a in node.args]
        for keyword in node.keywords:
            keyword.value = self._wanted(keyword.value)
        return node

    def _place(self, node: ast.expr) -> ast.expr:
        """Return what `addressof` gets: scalars are values, so their places are handed over."""
        match node:
            case ast.Attribute(value=base, attr=name):
                return self._call(node, self._runtime("field_place"), self.visit(base), ast.Constant(name))
            case ast.Subscript(value=base, slice=index):
                return self._call(node, self._runtime("element_place"), self.visit(base), self.visit(index))
            case ast.Name(id=name) if self._is_cell(name):
                return self._call(node, self._runtime("cell_place"), ast.Constant(name))
        visited: ast.expr = self.visit(node)
        return visited

    def _is_cell(self, name: str) -> bool:
        scope = self.context.scope
        if scope is None or name not in self.cells:
            return False
        return not (name in scope.annotations or name in scope.first or name == scope.receiver)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Let statics whose address is taken be in memory."""
        if not self._is_cell(node.id):
            return node
        return _at(node, ast.Attribute(self._runtime("cells"), node.id, node.ctx))

    # --- expressions ------------------------------------------------------------------------------------------------

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Mark arithmetic that may wrap."""
        self.generic_visit(node)
        if self.context.wrapping and isinstance(node.op, WRAPPED):
            node.right = self._call(node.right, self._runtime("wrapped"), node.right)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """Mark arithmetic that may wrap."""
        self.generic_visit(node)
        if self.context.wrapping and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
            return self._call(node, self._runtime("negate"), node.operand)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """Give the value the type in which both branches meet."""
        original = _original(node)
        self.generic_visit(node)
        return self._inferred(node, lambda s: s.infer(original))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Make a template of an f-string."""
        parts: list[ast.expr] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                spec = "".join(
                    s.value
                    for s in getattr(part.format_spec, "values", [])
                    if isinstance(s, ast.Constant) and isinstance(s.value, str)
                )
                parts.append(_at(part, ast.Tuple([self.visit(part.value), ast.Constant(spec)], ast.Load())))
            else:
                parts.append(part)
        return self._call(node, self._runtime("text"), *parts)


class _Locals(ast.NodeVisitor):
    """Finds the local names of a function: their annotations, their first values, how often they are assigned."""

    def __init__(self, context: Context, scope: Scope) -> None:
        self.context = context
        self.scope = scope

    def walk(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.visit(statement)

    def _bind(self, target: ast.expr, how: str, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            name = target.id
            self.context.assigned[name] = self.context.assigned.get(name, 0) + 1
            if name != "_":  # takes values of any type
                self.scope.first.setdefault(name, (how, _original(value)))
        elif isinstance(target, ast.Tuple):
            for number, item in enumerate(target.elts):
                self._bind(item, f"item{number}" if how == "value" else "enumerate", value)

    def visit_Global(self, node: ast.Global) -> None:
        self.context.globals.update(node.names)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if isinstance(node.target, ast.Name):
            if _is_bare_final(node.annotation) and node.value is not None:
                self._bind(node.target, "value", node.value)
            else:
                self.scope.annotations[node.target.id] = ast.unparse(node.annotation)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._bind(target, "value", node.value)

    def visit_For(self, node: ast.For) -> None:
        self._bind(node.target, "loop", node.iter)
        self.walk([*node.body, *node.orelse])

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                self._bind(item.optional_vars, "with", item.context_expr)
        self.walk(node.body)


def is_type_checking(node: ast.If) -> bool:
    """Tell whether an `if` is there for type checkers only."""
    return ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _at(place: ast.AST, node: Node) -> Node:
    return ast.fix_missing_locations(ast.copy_location(node, place))


def _original(node: ast.expr) -> ast.expr:
    """Return a copy that later changes of the tree do not touch."""
    return ast.parse(ast.unparse(node), mode="eval").body


def _plain(annotation: str) -> ast.expr:
    """Return an annotation as an expression; what is quoted in it is unquoted."""

    class Unquote(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.parse(node.value, mode="eval").body if isinstance(node.value, str) else node

    made: ast.expr = Unquote().visit(ast.parse(annotation, mode="eval").body)
    return made


def _names(annotation: str) -> list[str]:
    return [n.id for n in ast.walk(_plain(annotation)) if isinstance(n, ast.Name)]


def _is_bare_final(annotation: ast.expr) -> bool:
    return ast.unparse(annotation) in ("Final", "typing.Final")


def _decorator(node: ast.expr) -> str:
    called = node.func if isinstance(node, ast.Call) else node
    return ast.unparse(called).rpartition(".")[2]


def _does_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _as_list(node: Any) -> list[ast.stmt]:
    return node if isinstance(node, list) else [node]
