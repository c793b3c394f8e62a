"""Layers of a network for images of 28 x 28 pixels, with traits and signatures.

`Add`, `Concatenate` and the other merging layers take branches: lists of layers that all start from the same input.
An empty branch returns its input, so `Add: [[], [Conv2D: ..., ...]]` is a residual block (He et al. 2015).
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
from mnist_pipeline.config.shapes import merging, rules, windows

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
    """Fully connected layer: output = activation(input @ kernel + bias)."""


@row(xla=True)
def Activation(activation: ActivationName) -> None:
    """Applies an activation function to every value."""


@row(activation="relu", xla=True)
def ReLU(max_value: Positive | None = None, negative_slope: NonNegative = 0.0, threshold: NonNegative = 0.0) -> None:
    """Rectified linear unit: max(0, x) (Nair and Hinton 2010)."""


@row(activation="leaky_relu", xla=True)
def LeakyReLU(negative_slope: NonNegative = 0.3) -> None:
    """ReLU with a small slope below zero, so that no unit stops learning (Maas et al. 2013)."""


@row(shape=rules.parametric_relu, activation="prelu", xla=True)
def PReLU(alpha_initializer: Initializer = "Zeros", alpha_regularizer: Regularizer = None,
          alpha_constraint: Constraint = None, shared_axes: Axes | None = None) -> None:
    """Leaky ReLU with a learned slope (He et al. 2015)."""


@row(activation="elu", xla=True)
def ELU(alpha: NonNegative = 1.0) -> None:
    """Exponential linear unit: x above zero, alpha * (exp(x) - 1) below (Clevert et al. 2015)."""


@row(shape=rules.along_axes, activation="softmax", xla=True)
def Softmax(axis: int = -1) -> None:
    """Turns values into probabilities: exp(x) / sum(exp(x)) along the axis."""


@row(linear=True, xla=True)
def Identity() -> None:
    """Returns its input."""


# Convolution

@row(shape=windows.convolution(3), kernel="convolution")
def Conv2D(filters: Count, kernel_size: Size, strides: Size = 1, padding: Padding = "valid", dilation_rate: Size = 1,
           groups: Count = 1, activation: Activity = None, use_bias: bool = True,
           kernel_initializer: Initializer = "glorot_uniform", bias_initializer: Initializer = "zeros",
           kernel_regularizer: Regularizer = None, bias_regularizer: Regularizer = None,
           activity_regularizer: Regularizer = None, kernel_constraint: Constraint = None,
           bias_constraint: Constraint = None) -> None:
    """2D convolution: slides learned filters over the image (LeCun et al. 1989)."""


@row(shape=windows.transposed_convolution, kernel="convolution")
def Conv2DTranspose(filters: Count, kernel_size: Size, strides: Size = 1, padding: Padding = "valid",
                    dilation_rate: Size = 1, activation: Activity = None, use_bias: bool = True,
                    kernel_initializer: Initializer = "glorot_uniform", bias_initializer: Initializer = "zeros",
                    kernel_regularizer: Regularizer = None, bias_regularizer: Regularizer = None,
                    activity_regularizer: Regularizer = None, kernel_constraint: Constraint = None,
                    bias_constraint: Constraint = None) -> None:
    """Transposed 2D convolution, which enlarges the image by its strides (Zeiler et al. 2010)."""


@row(shape=windows.separable_convolution, kernel="convolution")
def SeparableConv2D(filters: Count, kernel_size: Size, strides: Size = 1, padding: Padding = "valid",
                    dilation_rate: Size = 1, depth_multiplier: Count = 1, activation: Activity = None,
                    use_bias: bool = True, depthwise_initializer: Initializer = "glorot_uniform",
                    pointwise_initializer: Initializer = "glorot_uniform", bias_initializer: Initializer = "zeros",
                    depthwise_regularizer: Regularizer = None, pointwise_regularizer: Regularizer = None,
                    bias_regularizer: Regularizer = None, activity_regularizer: Regularizer = None,
                    depthwise_constraint: Constraint = None, pointwise_constraint: Constraint = None,
                    bias_constraint: Constraint = None) -> None:
    """Depthwise convolution, then a 1 x 1 convolution: fewer parameters than Conv2D (Chollet 2016)."""


@row(shape=windows.depthwise_convolution, kernel="convolution")
def DepthwiseConv2D(kernel_size: Size, strides: Size = 1, padding: Padding = "valid", depth_multiplier: Count = 1,
                    dilation_rate: Size = 1, activation: Activity = None, use_bias: bool = True,
                    depthwise_initializer: Initializer = "glorot_uniform", bias_initializer: Initializer = "zeros",
                    depthwise_regularizer: Regularizer = None, bias_regularizer: Regularizer = None,
                    activity_regularizer: Regularizer = None, depthwise_constraint: Constraint = None,
                    bias_constraint: Constraint = None) -> None:
    """2D convolution of each channel on its own, without mixing channels."""


@row(shape=windows.convolution(2), kernel="convolution")
def Conv1D(filters: Count, kernel_size: Count, strides: Count = 1,
           padding: Literal["valid", "same", "causal"] = "valid", dilation_rate: Count = 1, groups: Count = 1,
           activation: Activity = None, use_bias: bool = True, kernel_initializer: Initializer = "glorot_uniform",
           bias_initializer: Initializer = "zeros", kernel_regularizer: Regularizer = None,
           bias_regularizer: Regularizer = None, activity_regularizer: Regularizer = None,
           kernel_constraint: Constraint = None, bias_constraint: Constraint = None) -> None:
    """1D convolution over a sequence, such as image rows after Reshape: [28, 28]."""


# Pooling

@row(shape=windows.pooling(3))
def MaxPooling2D(pool_size: Size = 2, strides: Size | None = None, padding: Padding = "valid") -> None:
    """Maximum of each window."""


@row(shape=windows.pooling(3))
def AveragePooling2D(pool_size: Size, strides: Size | None = None, padding: Padding = "valid") -> None:
    """Mean of each window."""


@row(shape=rules.global_pooling(3))
def GlobalMaxPooling2D(keepdims: bool = False) -> None:
    """Maximum of each channel over the whole image."""


@row(shape=rules.global_pooling(3))
def GlobalAveragePooling2D(keepdims: bool = False) -> None:
    """Mean of each channel over the whole image (Lin et al. 2013)."""


@row(shape=rules.adaptive_max_pooling)
def AdaptiveMaxPooling2D(output_size: Size) -> None:
    """Max pooling to an output of a fixed size."""


@row(shape=rules.adaptive_average_pooling)
def AdaptiveAveragePooling2D(output_size: Size) -> None:
    """Average pooling to an output of a fixed size."""


@row(shape=windows.pooling(2))
def MaxPooling1D(pool_size: Count = 2, strides: Count | None = None, padding: Padding = "valid") -> None:
    """Maximum of each window of a sequence."""


@row(shape=windows.pooling(2))
def AveragePooling1D(pool_size: Count, strides: Count | None = None, padding: Padding = "valid") -> None:
    """Mean of each window of a sequence."""


@row(shape=rules.global_pooling(2))
def GlobalMaxPooling1D(keepdims: bool = False) -> None:
    """Maximum of each channel over the whole sequence."""


@row(shape=rules.global_pooling(2))
def GlobalAveragePooling1D(keepdims: bool = False) -> None:
    """Mean of each channel over the whole sequence."""


# Normalization

@row(shape=rules.scaled_along_axes(2), linear=True, xla=True)
def BatchNormalization(axis: int = -1, momentum: Fraction = 0.99, epsilon: Positive = 0.001, center: bool = True,
                       scale: bool = True, beta_initializer: Initializer = "zeros",
                       gamma_initializer: Initializer = "ones", moving_mean_initializer: Initializer = "zeros",
                       moving_variance_initializer: Initializer = "ones", beta_regularizer: Regularizer = None,
                       gamma_regularizer: Regularizer = None, beta_constraint: Constraint = None,
                       gamma_constraint: Constraint = None, synchronized: bool = False) -> None:
    """Normalizes each channel over the batch, then scales and shifts it (Ioffe and Szegedy 2015)."""


@row(shape=rules.scaled_along_axes(0), xla=True)
def LayerNormalization(axis: Axes = -1, epsilon: Positive = 0.001, center: bool = True, scale: bool = True,
                       beta_initializer: Initializer = "zeros", gamma_initializer: Initializer = "ones",
                       beta_regularizer: Regularizer = None, gamma_regularizer: Regularizer = None,
                       beta_constraint: Constraint = None, gamma_constraint: Constraint = None) -> None:
    """Normalizes each example along the axis, then scales and shifts it (Ba et al. 2016)."""


@row(shape=rules.group_normalization)
def GroupNormalization(groups: Count = 32, axis: int = -1, epsilon: Positive = 0.001, center: bool = True,
                       scale: bool = True, beta_initializer: Initializer = "zeros",
                       gamma_initializer: Initializer = "ones", beta_regularizer: Regularizer = None,
                       gamma_regularizer: Regularizer = None, beta_constraint: Constraint = None,
                       gamma_constraint: Constraint = None) -> None:
    """Normalizes groups of channels of each example, then scales and shifts them (Wu and He 2018)."""


@row(shape=rules.rms_normalization, xla=True)
def RMSNormalization(axis: Axes = -1, epsilon: Positive = 1e-06) -> None:
    """Divides by the root mean square along the axis, then scales (Zhang and Sennrich 2019)."""


@row(shape=rules.along_axes, xla=True)
def UnitNormalization(axis: Axes = -1) -> None:
    """Scales each example to an L2 norm of 1 along the axis."""


# Dropout, noise, penalties

@row(linear=True, dropout=True)
def Dropout(rate: Rate) -> None:
    """Sets inputs to zero at random in training, and scales the others by 1 / (1 - rate) (Srivastava et al. 2014)."""


@row(shape=rules.image, linear=True, dropout=True)
def SpatialDropout2D(rate: Rate) -> None:
    """Dropout of whole channels of an image (Tompson et al. 2014)."""


@row(shape=rules.sequence, linear=True, dropout=True)
def SpatialDropout1D(rate: Rate) -> None:
    """Dropout of whole channels of a sequence (Tompson et al. 2014)."""


@row(linear=True, dropout=True)
def AlphaDropout(rate: Rate) -> None:
    """Dropout that keeps mean and variance, for SELU networks (Klambauer et al. 2017)."""


@row(linear=True, dropout=True)
def GaussianDropout(rate: Rate) -> None:
    """Multiplies by Gaussian noise around 1 during training (Srivastava et al. 2014)."""


@row(linear=True)
def GaussianNoise(stddev: NonNegative) -> None:
    """Adds Gaussian noise around 0 during training."""


@row(xla=True)
def ActivityRegularization(l1: NonNegative = 0.0, l2: NonNegative = 0.0) -> None:
    """Adds an L1 and L2 penalty on its input to the loss, and returns its input."""


# Augmentation, during training only

@row(shape=rules.image)
def RandomTranslation(height_factor: Factor, width_factor: Factor, fill_mode: FillMode = "reflect",
                      interpolation: Interpolation = "bilinear", fill_value: float = 0.0) -> None:
    """Shifts each image at random during training."""


@row(shape=rules.image)
def RandomRotation(factor: Factor, fill_mode: FillMode = "reflect", interpolation: Interpolation = "bilinear",
                   fill_value: float = 0.0) -> None:
    """Rotates each image at random during training."""


@row(shape=rules.image)
def RandomZoom(height_factor: Factor, width_factor: Factor | None = None, fill_mode: FillMode = "reflect",
               interpolation: Interpolation = "bilinear", fill_value: float = 0.0) -> None:
    """Zooms into or out of each image at random during training."""


@row(shape=rules.image)
def RandomShear(x_factor: Unsigned = 0.0, y_factor: Unsigned = 0.0, interpolation: Interpolation = "bilinear",
                fill_mode: FillMode = "reflect", fill_value: float = 0.0) -> None:
    """Shears each image at random during training."""


@row(shape=rules.perspective)
def RandomPerspective(factor: Factor = 1.0, scale: NonNegative = 1.0, interpolation: Interpolation = "bilinear",
                      fill_value: float = 0.0) -> None:
    """Distorts the perspective of each image at random during training."""


@row(shape=rules.image)
def RandomErasing(factor: Factor = 1.0, scale: Range = [0.02, 0.33], fill_value: float | None = None,
                  value_range: Range = [0, 255]) -> None:
    """Covers a random rectangle of each image during training (Zhong et al. 2017)."""


@row(shape=rules.image)
def RandomBrightness(factor: Factor, value_range: Range = [0, 255]) -> None:
    """Changes the brightness of each image at random during training."""


@row(shape=rules.image)
def RandomContrast(factor: Factor, value_range: Range = [0, 255]) -> None:
    """Changes the contrast of each image at random during training."""


@row(shape=rules.image)
def RandomGaussianBlur(factor: Factor = 1.0, kernel_size: Size = 3, sigma: Factor = 1.0,
                       value_range: Range = [0, 255]) -> None:
    """Blurs each image at random during training."""


@row(shape=rules.image)
def RandomInvert(factor: Factor = 1.0, value_range: Range = [0, 255]) -> None:
    """Inverts the pixels of an image at random during training."""


@row(shape=rules.image)
def RandomFlip(mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = "horizontal_and_vertical") -> None:
    """Flips each image at random during training; for clothes, not for digits."""


# Reshaping, resizing, rescaling

@row(shape=rules.flattened, linear=True, xla=True)
def Flatten() -> None:
    """Reshapes the input to a vector, as Dense expects it."""


@row(shape=rules.reshaped, linear=True, xla=True)
def Reshape(target_shape: Annotated[list[Annotated[int, Field(ge=-1, le=1_000_000)]], Field(min_length=1)]) -> None:
    """Reshapes the input; one size may be -1, which is then inferred."""


@row(shape=rules.permuted, linear=True, xla=True)
def Permute(dims: Annotated[list[Count], Field(min_length=1)]) -> None:
    """Permutes the axes of the input."""


@row(shape=rules.padded("padding", 1))
def ZeroPadding2D(padding: Sides = 1) -> None:
    """Adds rows and columns of zeros around the image."""


@row(shape=rules.padded("cropping", -1))
def Cropping2D(cropping: Sides = 0) -> None:
    """Removes rows and columns around the image."""


@row(shape=rules.resized)
def CenterCrop(height: Count, width: Count) -> None:
    """Crops the center of the image; resizes an image that is smaller."""


@row(shape=rules.upsampled)
def UpSampling2D(size: Size = 2, interpolation: Literal["nearest", "bilinear", "bicubic"] = "nearest") -> None:
    """Repeats the rows and columns of the image, or interpolates between them."""


@row(shape=rules.resized)
def Resizing(height: Count, width: Count, interpolation: Literal["bilinear", "nearest", "bicubic"] = "bilinear",
             antialias: bool = False) -> None:
    """Resizes the image."""


@row(linear=True, xla=True)
def Rescaling(scale: float, offset: float = 0.0) -> None:
    """Computes input * scale + offset; Rescaling: 255 gives the raw pixels, 0 - 255."""


# Merging branches

@row(merge=merging.broadcast, xla=True)
def Add(branches: "Branches") -> None:
    """Elementwise sum of the branches; with an empty branch, a residual block (He et al. 2015)."""


@row(merge=merging.difference, xla=True)
def Subtract(branches: "Branches") -> None:
    """The first of two branches minus the second."""


@row(merge=merging.broadcast, xla=True)
def Multiply(branches: "Branches") -> None:
    """Elementwise product of the branches, such as a gate (Hu et al. 2017)."""


@row(merge=merging.broadcast, xla=True)
def Average(branches: "Branches") -> None:
    """Elementwise mean of the branches."""


@row(merge=merging.broadcast, xla=True)
def Maximum(branches: "Branches") -> None:
    """Elementwise maximum of the branches."""


@row(merge=merging.broadcast, xla=True)
def Minimum(branches: "Branches") -> None:
    """Elementwise minimum of the branches."""


@row(merge=merging.concatenation, xla=True)
def Concatenate(branches: "Branches", axis: int = -1) -> None:
    """Concatenates the branches along an axis (Szegedy et al. 2014)."""


LAYERS = Registry("layer", "layers", dict(vars()), {
    "MaxPool2D": "MaxPooling2D", "AvgPool2D": "AveragePooling2D", "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D", "MaxPool1D": "MaxPooling1D", "AvgPool1D": "AveragePooling1D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D", "GlobalAvgPool1D": "GlobalAveragePooling1D", "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D", "SeparableConvolution2D": "SeparableConv2D",
    "Convolution2DTranspose": "Conv2DTranspose",
})
Layer = Annotated[KerasSpec, LAYERS]
Branches = Annotated[list[list[Layer]], Field(min_length=2)]
