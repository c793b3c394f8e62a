"""What a network is made of: Keras' layers for pictures of 28 x 28.

`Add`, `Concatenate` and the other merging layers take branches, lists of layers that all start from the same
input; an empty branch passes it on. `Add: [[], [Conv2D: ..., ...]]` is a residual block (He et al. 2015).
"""

from typing import Annotated, Literal

from pydantic import Field

from mnist_pipeline.config.keras.catalog.constraints import Constraint
from mnist_pipeline.config.keras.catalog.initializers import Initializer
from mnist_pipeline.config.keras.catalog.regularizers import Regularizer
from mnist_pipeline.config.keras.layer_traits import LayerTable, LayerTraits, row_decorator
from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import (
    ActivationName,
    Axes,
    Count,
    Factor,
    FillMode,
    Fraction,
    Interpolation,
    NonNegative,
    Padding,
    Positive,
    Range,
    Rate,
    Sides,
    Size,
    Unsigned,
)
from mnist_pipeline.config.shapes import merging, rules

# fmt: off

Activity = ActivationName | None
LAYER_TRAITS = LayerTable()
row = row_decorator(LAYER_TRAITS, LayerTraits)


# Dense layers, activations

@row(shape=rules.dense, kernel="dense", xla=True)
def Dense(units: Count, activation: Activity = None, use_bias: bool = True,
          kernel_initializer: Initializer = "glorot_uniform", bias_initializer: Initializer = "zeros",
          kernel_regularizer: Regularizer = None, bias_regularizer: Regularizer = None,
          activity_regularizer: Regularizer = None, kernel_constraint: Constraint = None,
          bias_constraint: Constraint = None) -> None:
    """Fully connected: every output looks at every input."""


@row(xla=True)
def Activation(activation: ActivationName) -> None:
    """A function applied to every value."""


@row(activation="relu", xla=True)
def ReLU(max_value: Positive | None = None, negative_slope: NonNegative = 0.0, threshold: NonNegative = 0.0) -> None:
    """Zero below zero, unchanged above."""


@row(activation="leaky_relu", xla=True)
def LeakyReLU(negative_slope: NonNegative = 0.3) -> None:
    """ReLU with a small slope below zero, so that no unit dies (Maas et al. 2013)."""


@row(shape=rules.parametric_relu, activation="prelu", xla=True)
def PReLU(alpha_initializer: Initializer = "Zeros", alpha_regularizer: Regularizer = None,
          alpha_constraint: Constraint = None, shared_axes: Axes | None = None) -> None:
    """Leaky ReLU whose slope is learned (He et al. 2015)."""


@row(activation="elu", xla=True)
def ELU(alpha: NonNegative = 1.0) -> None:
    """ReLU that bends softly to -alpha below zero (Clevert et al. 2015)."""


@row(shape=rules.along_axes, activation="softmax", xla=True)
def Softmax(axis: int = -1) -> None:
    """Makes probabilities: positive numbers whose sum is one."""


@row(linear=True, xla=True)
def Identity() -> None:
    """Passes its input on."""


# Convolution

@row(shape=rules.convolution(3), kernel="convolution")
def Conv2D(filters: Count, kernel_size: Size, strides: Size = 1, padding: Padding = "valid", dilation_rate: Size = 1,
           groups: Count = 1, activation: Activity = None, use_bias: bool = True,
           kernel_initializer: Initializer = "glorot_uniform", bias_initializer: Initializer = "zeros",
           kernel_regularizer: Regularizer = None, bias_regularizer: Regularizer = None,
           activity_regularizer: Regularizer = None, kernel_constraint: Constraint = None,
           bias_constraint: Constraint = None) -> None:
    """Small windows slide over the picture; each filter looks for one pattern (LeCun et al. 1989)."""


@row(shape=rules.transposed_convolution, kernel="convolution")
def Conv2DTranspose(filters: Count, kernel_size: Size, strides: Size = 1, padding: Padding = "valid",
                    dilation_rate: Size = 1, activation: Activity = None, use_bias: bool = True,
                    kernel_initializer: Initializer = "glorot_uniform", bias_initializer: Initializer = "zeros",
                    kernel_regularizer: Regularizer = None, bias_regularizer: Regularizer = None,
                    activity_regularizer: Regularizer = None, kernel_constraint: Constraint = None,
                    bias_constraint: Constraint = None) -> None:
    """A convolution run backwards: makes the picture larger."""


@row(shape=rules.separable_convolution, kernel="convolution")
def SeparableConv2D(filters: Count, kernel_size: Size, strides: Size = 1, padding: Padding = "valid",
                    dilation_rate: Size = 1, depth_multiplier: Count = 1, activation: Activity = None,
                    use_bias: bool = True, depthwise_initializer: Initializer = "glorot_uniform",
                    pointwise_initializer: Initializer = "glorot_uniform", bias_initializer: Initializer = "zeros",
                    depthwise_regularizer: Regularizer = None, pointwise_regularizer: Regularizer = None,
                    bias_regularizer: Regularizer = None, activity_regularizer: Regularizer = None,
                    depthwise_constraint: Constraint = None, pointwise_constraint: Constraint = None,
                    bias_constraint: Constraint = None) -> None:
    """First a window for each channel, then a mixture of the channels: fewer weights (Chollet 2016)."""


@row(shape=rules.depthwise_convolution, kernel="convolution")
def DepthwiseConv2D(kernel_size: Size, strides: Size = 1, padding: Padding = "valid", depth_multiplier: Count = 1,
                    dilation_rate: Size = 1, activation: Activity = None, use_bias: bool = True,
                    depthwise_initializer: Initializer = "glorot_uniform", bias_initializer: Initializer = "zeros",
                    depthwise_regularizer: Regularizer = None, bias_regularizer: Regularizer = None,
                    activity_regularizer: Regularizer = None, depthwise_constraint: Constraint = None,
                    bias_constraint: Constraint = None) -> None:
    """A window for each channel, channels not mixed."""


@row(shape=rules.convolution(2), kernel="convolution")
def Conv1D(filters: Count, kernel_size: Count, strides: Count = 1,
           padding: Literal["valid", "same", "causal"] = "valid", dilation_rate: Count = 1, groups: Count = 1,
           activation: Activity = None, use_bias: bool = True, kernel_initializer: Initializer = "glorot_uniform",
           bias_initializer: Initializer = "zeros", kernel_regularizer: Regularizer = None,
           bias_regularizer: Regularizer = None, activity_regularizer: Regularizer = None,
           kernel_constraint: Constraint = None, bias_constraint: Constraint = None) -> None:
    """Convolution over a sequence: over the rows of a picture after Reshape: [28, 28]."""


# Pooling

@row(shape=rules.pooling(3))
def MaxPooling2D(pool_size: Size = 2, strides: Size | None = None, padding: Padding = "valid") -> None:
    """Keeps the largest value of each window."""


@row(shape=rules.pooling(3))
def AveragePooling2D(pool_size: Size, strides: Size | None = None, padding: Padding = "valid") -> None:
    """Keeps the mean of each window."""


@row(shape=rules.global_pooling(3))
def GlobalMaxPooling2D(keepdims: bool = False) -> None:
    """Keeps the largest value of each channel."""


@row(shape=rules.global_pooling(3))
def GlobalAveragePooling2D(keepdims: bool = False) -> None:
    """Keeps the mean of each channel (Lin et al. 2013)."""


@row(shape=rules.adaptive_max_pooling)
def AdaptiveMaxPooling2D(output_size: Size) -> None:
    """Max pooling to a given size."""


@row(shape=rules.adaptive_average_pooling)
def AdaptiveAveragePooling2D(output_size: Size) -> None:
    """Average pooling to a given size."""


@row(shape=rules.pooling(2))
def MaxPooling1D(pool_size: Count = 2, strides: Count | None = None, padding: Padding = "valid") -> None:
    """Keeps the largest value of each stretch of a sequence."""


@row(shape=rules.pooling(2))
def AveragePooling1D(pool_size: Count, strides: Count | None = None, padding: Padding = "valid") -> None:
    """Keeps the mean of each stretch of a sequence."""


@row(shape=rules.global_pooling(2))
def GlobalMaxPooling1D(keepdims: bool = False) -> None:
    """Keeps the largest value of a sequence."""


@row(shape=rules.global_pooling(2))
def GlobalAveragePooling1D(keepdims: bool = False) -> None:
    """Keeps the mean of a sequence."""


# Normalisation

@row(shape=rules.scaled_along_axes(2), linear=True, xla=True)
def BatchNormalization(axis: int = -1, momentum: Fraction = 0.99, epsilon: Positive = 0.001, center: bool = True,
                       scale: bool = True, beta_initializer: Initializer = "zeros",
                       gamma_initializer: Initializer = "ones", moving_mean_initializer: Initializer = "zeros",
                       moving_variance_initializer: Initializer = "ones", beta_regularizer: Regularizer = None,
                       gamma_regularizer: Regularizer = None, beta_constraint: Constraint = None,
                       gamma_constraint: Constraint = None, synchronized: bool = False) -> None:
    """Mean 0 and variance 1 over the batch, then a learned scale and shift (Ioffe and Szegedy 2015)."""


@row(shape=rules.scaled_along_axes(0), xla=True)
def LayerNormalization(axis: Axes = -1, epsilon: Positive = 0.001, center: bool = True, scale: bool = True,
                       beta_initializer: Initializer = "zeros", gamma_initializer: Initializer = "ones",
                       beta_regularizer: Regularizer = None, gamma_regularizer: Regularizer = None,
                       beta_constraint: Constraint = None, gamma_constraint: Constraint = None) -> None:
    """Mean 0 and variance 1 over each example (Ba et al. 2016)."""


@row(shape=rules.group_normalization)
def GroupNormalization(groups: Count = 32, axis: int = -1, epsilon: Positive = 0.001, center: bool = True,
                       scale: bool = True, beta_initializer: Initializer = "zeros",
                       gamma_initializer: Initializer = "ones", beta_regularizer: Regularizer = None,
                       gamma_regularizer: Regularizer = None, beta_constraint: Constraint = None,
                       gamma_constraint: Constraint = None) -> None:
    """Mean 0 and variance 1 over groups of channels (Wu and He 2018)."""


@row(shape=rules.rms_normalization, xla=True)
def RMSNormalization(axis: Axes = -1, epsilon: Positive = 1e-06) -> None:
    """Divides by the root mean square of each example (Zhang and Sennrich 2019)."""


@row(shape=rules.along_axes, xla=True)
def UnitNormalization(axis: Axes = -1) -> None:
    """Gives each example length 1."""


# Dropout, noise, penalties

@row(linear=True, dropout=True)
def Dropout(rate: Rate) -> None:
    """While training, this share of the values is zero (Srivastava et al. 2014)."""


@row(shape=rules.image, linear=True, dropout=True)
def SpatialDropout2D(rate: Rate) -> None:
    """Dropout of whole channels of a picture (Tompson et al. 2014)."""


@row(shape=rules.sequence, linear=True, dropout=True)
def SpatialDropout1D(rate: Rate) -> None:
    """Dropout of whole channels of a sequence."""


@row(linear=True, dropout=True)
def AlphaDropout(rate: Rate) -> None:
    """Dropout that keeps mean and variance: for SELU (Klambauer et al. 2017)."""


@row(linear=True, dropout=True)
def GaussianDropout(rate: Rate) -> None:
    """While training, values are multiplied by noise around 1."""


@row(linear=True)
def GaussianNoise(stddev: NonNegative) -> None:
    """While training, noise around 0 is added."""


@row(xla=True)
def ActivityRegularization(l1: NonNegative = 0.0, l2: NonNegative = 0.0) -> None:
    """Adds the size of the values that pass to the loss."""


# Augmentation: while training only, another variant of each picture every time

@row(shape=rules.image)
def RandomTranslation(height_factor: Factor, width_factor: Factor, fill_mode: FillMode = "reflect",
                      interpolation: Interpolation = "bilinear", fill_value: float = 0.0) -> None:
    """Moves the picture by up to these shares of its size."""


@row(shape=rules.image)
def RandomRotation(factor: Factor, fill_mode: FillMode = "reflect", interpolation: Interpolation = "bilinear",
                   fill_value: float = 0.0) -> None:
    """Turns the picture by up to this share of a full turn."""


@row(shape=rules.image)
def RandomZoom(height_factor: Factor, width_factor: Factor | None = None, fill_mode: FillMode = "reflect",
               interpolation: Interpolation = "bilinear", fill_value: float = 0.0) -> None:
    """Makes the picture larger or smaller by up to this share."""


@row(shape=rules.image)
def RandomShear(x_factor: Unsigned = 0.0, y_factor: Unsigned = 0.0, interpolation: Interpolation = "bilinear",
                fill_mode: FillMode = "reflect", fill_value: float = 0.0) -> None:
    """Slants the picture."""


@row(shape=rules.perspective)
def RandomPerspective(factor: Factor = 1.0, scale: NonNegative = 1.0, interpolation: Interpolation = "bilinear",
                      fill_value: float = 0.0) -> None:
    """Shows the picture as if seen from the side."""


@row(shape=rules.image)
def RandomErasing(factor: Factor = 1.0, scale: Range = [0.02, 0.33], fill_value: float | None = None,
                  value_range: Range = [0, 255]) -> None:
    """Covers a random rectangle (Zhong et al. 2017)."""


@row(shape=rules.image)
def RandomBrightness(factor: Factor, value_range: Range = [0, 255]) -> None:
    """Makes the picture lighter or darker."""


@row(shape=rules.image)
def RandomContrast(factor: Factor, value_range: Range = [0, 255]) -> None:
    """Makes the contrast stronger or weaker."""


@row(shape=rules.image)
def RandomGaussianBlur(factor: Factor = 1.0, kernel_size: Size = 3, sigma: Factor = 1.0,
                       value_range: Range = [0, 255]) -> None:
    """Blurs the picture."""


@row(shape=rules.image)
def RandomInvert(factor: Factor = 1.0, value_range: Range = [0, 255]) -> None:
    """Swaps light and dark."""


@row(shape=rules.image)
def RandomFlip(mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = "horizontal_and_vertical") -> None:
    """Mirrors the picture: for clothes, not for digits."""


# Shapes and scales

@row(shape=rules.flattened, linear=True, xla=True)
def Flatten() -> None:
    """All values in one row: what Dense wants."""


@row(shape=rules.reshaped, linear=True, xla=True)
def Reshape(target_shape: Annotated[list[Annotated[int, Field(ge=-1, le=1_000_000)]], Field(min_length=1)]) -> None:
    """The same values in another shape; one size may be -1, whatever is left."""


@row(shape=rules.permuted, linear=True, xla=True)
def Permute(dims: Annotated[list[Count], Field(min_length=1)]) -> None:
    """The axes in another order, counted from 1."""


@row(shape=rules.padded("padding", 1))
def ZeroPadding2D(padding: Sides = 1) -> None:
    """A frame of zeros."""


@row(shape=rules.padded("cropping", -1))
def Cropping2D(cropping: Sides = 0) -> None:
    """Cuts the frame off."""


@row(shape=rules.resized)
def CenterCrop(height: Count, width: Count) -> None:
    """Keeps the middle."""


@row(shape=rules.upsampled)
def UpSampling2D(size: Size = 2, interpolation: Literal["nearest", "bilinear", "bicubic"] = "nearest") -> None:
    """Repeats rows and columns."""


@row(shape=rules.resized)
def Resizing(height: Count, width: Count, interpolation: Literal["bilinear", "nearest", "bicubic"] = "bilinear",
             antialias: bool = False) -> None:
    """Draws the picture in another size."""


@row(linear=True, xla=True)
def Rescaling(scale: float, offset: float = 0.0) -> None:
    """Multiplies and adds. The pixels come scaled to 0 - 1; a scale of 255 gives a network the raw values."""


# Merging: branches start from the same input

@row(merge=merging.broadcast, xla=True)
def Add(branches: "Branches") -> None:
    """The sum of the branches: with an empty branch, a residual block (He et al. 2015)."""


@row(merge=merging.difference, xla=True)
def Subtract(branches: "Branches") -> None:
    """The first branch minus the second."""


@row(merge=merging.broadcast, xla=True)
def Multiply(branches: "Branches") -> None:
    """The product of the branches: one can gate the other (Hu et al. 2017)."""


@row(merge=merging.broadcast, xla=True)
def Average(branches: "Branches") -> None:
    """The mean of the branches."""


@row(merge=merging.broadcast, xla=True)
def Maximum(branches: "Branches") -> None:
    """The largest value of the branches."""


@row(merge=merging.broadcast, xla=True)
def Minimum(branches: "Branches") -> None:
    """The smallest value of the branches."""


@row(merge=merging.concatenation, xla=True)
def Concatenate(branches: "Branches", axis: int = -1) -> None:
    """The branches side by side (Szegedy et al. 2014)."""


LAYERS = Registry("layer", "layers", dict(vars()), {
    "MaxPool2D": "MaxPooling2D", "AvgPool2D": "AveragePooling2D", "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D", "MaxPool1D": "MaxPooling1D", "AvgPool1D": "AveragePooling1D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D", "GlobalAvgPool1D": "GlobalAveragePooling1D", "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D", "SeparableConvolution2D": "SeparableConv2D",
    "Convolution2DTranspose": "Conv2DTranspose",
})
Layer = Annotated[KerasSpec, LAYERS]
Branches = Annotated[list[list[Layer]], Field(min_length=2)]
