"""Vectors of lanes for compiled loops: a numba type that is one LLVM vector, and the few operations the kernels need.

Numba vectorises a loop over lanes only when it is long, and then behind checks that two arrays do not overlap. Here the
width is part of the type (the length of a tuple argument), so 4 lanes are as good as 64 and nothing is checked.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

_FAST = ("fast",)


class Lanes(types.Type):
    """`count` numbers of a numba float type in one register (or a few)."""

    def __init__(self, dtype, count):
        self.dtype, self.count = dtype, count
        super().__init__(name=f"Lanes({dtype}, {count})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager, lanes):
        super().__init__(manager, lanes, ir.VectorType(manager.lookup(lanes.dtype).get_value_type(), lanes.count))


def _pointer(context, builder, array_type, array, offset, lanes):
    data = cgutils.create_struct_proxy(array_type)(context, builder, value=array).data
    return builder.bitcast(
        builder.gep(data, [offset]), ir.VectorType(context.get_value_type(lanes.dtype), lanes.count).as_pointer()
    )


def _load(builder, pointer, lanes):
    value = builder.load(pointer)
    value.align = lanes.dtype.bitwidth // 8
    return value


def _splat(builder, scalar, count):
    undefined = ir.Constant(ir.VectorType(scalar.type, count), ir.Undefined)
    index = ir.IntType(32)
    first = builder.insert_element(undefined, scalar, ir.Constant(index, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(index, count), [0] * count))


@intrinsic
def load(typing, array, offset, width):
    """Lanes at a flat offset of a contiguous array; `width` is a tuple whose length says how many."""
    lanes = Lanes(array.dtype, len(width))

    def generate(context, builder, signature, arguments):
        return _load(builder, _pointer(context, builder, array, arguments[0], arguments[1], lanes), lanes)

    return lanes(array, types.intp, width), generate


@intrinsic
def interpolate(typing, table, offset, weight, width):
    """Lanes between the row of a table that begins at a flat offset and the next row, `width` further on."""
    lanes = Lanes(table.dtype, len(width))

    def generate(context, builder, signature, arguments):
        step = ir.Constant(arguments[1].type, lanes.count)
        low = _load(builder, _pointer(context, builder, table, arguments[0], arguments[1], lanes), lanes)
        high = _load(
            builder, _pointer(context, builder, table, arguments[0], builder.add(arguments[1], step), lanes), lanes
        )
        change = builder.fmul(
            builder.fsub(high, low, flags=_FAST), _splat(builder, arguments[2], lanes.count), flags=_FAST
        )
        return builder.fadd(low, change, flags=_FAST)

    return lanes(table, types.intp, table.dtype, width), generate


@intrinsic
def accumulate(typing, array, offset, lanes, factor):
    """Add lanes times a number to a contiguous array at a flat offset."""

    def generate(context, builder, signature, arguments):
        pointer = _pointer(context, builder, array, arguments[0], arguments[1], lanes)
        change = builder.fmul(arguments[2], _splat(builder, arguments[3], lanes.count), flags=_FAST)
        store = builder.store(builder.fadd(_load(builder, pointer, lanes), change, flags=_FAST), pointer)
        store.align = lanes.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes, array.dtype), generate


@intrinsic
def add(typing, a, b):
    """Lane by lane."""

    def generate(context, builder, signature, arguments):
        return builder.fadd(*arguments, flags=_FAST)

    return a(a, b), generate


@intrinsic
def multiply(typing, a, b):
    """Lane by lane."""

    def generate(context, builder, signature, arguments):
        return builder.fmul(*arguments, flags=_FAST)

    return a(a, b), generate


@intrinsic
def scale(typing, a, factor):
    """All lanes times one number."""

    def generate(context, builder, signature, arguments):
        return builder.fmul(arguments[0], _splat(builder, arguments[1], a.count), flags=_FAST)

    return a(a, a.dtype), generate


@intrinsic
def first(typing, a):
    """The number in the first lane."""

    def generate(context, builder, signature, arguments):
        return builder.extract_element(arguments[0], ir.Constant(ir.IntType(32), 0))

    return a.dtype(a), generate
