"""Keras' public classes that a config cannot name: why, and what there is in their place."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Names that are left out for one reason; `instead`: names that a config takes."""

    reason: str
    names: str
    instead: str = ""


CODE = "it runs code of its own, and a config holds none"
BASE = "it is only the base of others"

GROUPS: dict[str, tuple[Group, ...]] = {
    "layers": (
        Group("the first layer is given the pixels, (28, 28, 1), by itself. Leave it out", "Input InputLayer"),
        Group(CODE, "Lambda TFSMLayer FlaxLayer JaxLayer TorchModuleWrapper"),
        Group(BASE, "Layer InputSpec Wrapper"),
        Group(
            "it is only a part of other layers, or wraps one",
            "Bidirectional TimeDistributed SpectralNormalization Pipeline GRUCell LSTMCell RNN SimpleRNNCell "
            "StackedRNNCells",
        ),
        Group(
            "it is for text or categories, and the input is a picture",
            "Embedding ReversibleEmbedding Masking CategoryEncoding Discretization HashedCrossing Hashing "
            "StringLookup IntegerLookup TextVectorization",
        ),
        Group(
            "it is for sound or video, and the input is one picture",
            "MelSpectrogram STFTSpectrogram ConvLSTM1D ConvLSTM2D ConvLSTM3D MaxNumBoundingBoxes",
            "Conv2D",
        ),
        Group("it is for volumes, and the input is a flat picture", "Conv3D Convolution3D", "Conv2D"),
        Group(
            "it is for volumes, and the input is a flat picture",
            "Conv3DTranspose Convolution3DTranspose",
            "Conv2DTranspose",
        ),
        Group(
            "it is for volumes, and the input is a flat picture",
            "MaxPool3D MaxPooling3D AveragePooling3D AvgPool3D AdaptiveMaxPooling3D AdaptiveAveragePooling3D",
            "MaxPooling2D AveragePooling2D",
        ),
        Group(
            "it is for volumes, and the input is a flat picture",
            "GlobalMaxPool3D GlobalMaxPooling3D GlobalAveragePooling3D GlobalAvgPool3D",
            "GlobalMaxPooling2D GlobalAveragePooling2D",
        ),
        Group(
            "it is for volumes, and the input is a flat picture",
            "Cropping3D UpSampling3D ZeroPadding3D SpatialDropout3D",
            "Cropping2D UpSampling2D ZeroPadding2D SpatialDropout2D",
        ),
        Group(
            "recurrence and attention are for text and time series, and the input is one picture",
            "GRU LSTM SimpleRNN Attention AdditiveAttention MultiHeadAttention GroupQueryAttention",
            "Conv2D Conv1D",
        ),
        Group("products of tensors are not needed here", "EinsumDense Dot", "Dense Multiply"),
        Group(
            "for sequences there are Conv1D and pooling alone",
            "Conv1DTranspose Convolution1DTranspose DepthwiseConv1D SeparableConv1D SeparableConvolution1D "
            "AdaptiveMaxPooling1D AdaptiveAveragePooling1D Cropping1D UpSampling1D ZeroPadding1D RepeatVector",
            "Conv1D MaxPooling1D AveragePooling1D",
        ),
        Group(
            "it learns from the data before the training, and the pixels are scaled to 0 - 1 already",
            "Normalization",
            "BatchNormalization",
        ),
        Group(
            "it is for colors, or for other pictures than digits",
            "AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization Equalization RandAugment "
            "RandomColorDegeneration RandomColorJitter RandomCrop RandomGrayscale RandomHue RandomPosterization "
            "RandomSaturation RandomSharpness Solarization",
            "RandomTranslation RandomRotation RandomZoom RandomContrast",
        ),
        Group("it mixes the labels too, which a layer is not given", "CutMix MixUp", "RandomErasing"),
        Group(
            "where the batch may have any size, it puts the first picture in the place of all",
            "RandomElasticTransform",
            "RandomShear RandomPerspective",
        ),
    ),
    "optimizers": (
        Group(BASE, "Optimizer"),
        Group(
            "it wraps other optimizers, and a config has one",
            "LossScaleOptimizer MultiOptimizer OptimizerMap",
            "Adam SGD",
        ),
    ),
    "optimizers.schedules": (Group(BASE, "LearningRateSchedule"),),
    "losses": (
        Group(BASE, "Loss"),
        Group(
            "it is for sequences, segments or similarity, and the answer is a digit",
            "CTC Circle Dice Tversky",
            "CategoricalCrossentropy",
        ),
    ),
    "metrics": (
        Group("it is what other metrics are made of", "Metric Mean MeanMetricWrapper Sum"),
        Group(
            "it is for segments, and the answer is a digit",
            "IoU BinaryIoU MeanIoU OneHotIoU OneHotMeanIoU",
            "accuracy",
        ),
        Group("it compares outputs and labels exactly", "Accuracy", "accuracy"),
        Group(
            "it correlates the outputs of one example",
            "ConcordanceCorrelation PearsonCorrelation",
            "R2Score CosineSimilarity",
        ),
    ),
    "callbacks": (
        Group(BASE, "Callback CallbackList"),
        Group("a run shows its own progress. Leave it out", "ProgbarLogger"),
        Group("a run keeps history.csv, a row an epoch. Leave it out", "History CSVLogger"),
        Group(
            "it writes files for a program that is not needed here: a run keeps history.csv, a row an epoch, and "
            "metrics.json. Leave it out",
            "TensorBoard",
        ),
        Group("a run sends nothing anywhere; it keeps history.csv, a row an epoch. Leave it out", "RemoteMonitor"),
        Group(
            "a run keeps its model by itself. To keep the weights of the best epoch, write EarlyStopping: "
            "{restore_best_weights: true}",
            "ModelCheckpoint OrbaxCheckpoint",
        ),
        Group(
            "a run keeps a checkpoint, and mnist train --resume RUN continues from it. Leave it out",
            "BackupAndRestore",
        ),
        Group("a run stops by itself when the loss is not a number. Leave it out", "TerminateOnNaN"),
        Group(
            "it runs code. Give the optimizer a schedule in its place, such as learning_rate: {ExponentialDecay: "
            "{initial_learning_rate: 0.01, decay_steps: 1 epoch, decay_rate: 0.9}}",
            "LearningRateScheduler",
        ),
        Group(CODE, "LambdaCallback"),
    ),
    "initializers": (
        Group(BASE, "Initializer"),
        Group("it is for square matrices", "Identity IdentityInitializer", "Orthogonal"),
        Group("it is for sound", "STFT STFTInitializer"),
    ),
    "regularizers": (Group(BASE, "Regularizer"),),
    "constraints": (Group(BASE, "Constraint"),),
}


def refusal(module: str, name: str) -> str | None:
    """Why a config does not take `name` of `module`, in whichever case; None for a name that Keras has not."""
    return _REFUSALS[module].get(name.replace("_", "").lower())


def _refusals(groups: tuple[Group, ...]) -> Iterator[tuple[str, str]]:
    for group in groups:
        instead = f". Instead: {', '.join(group.instead.split())}" if group.instead else ""
        for name in group.names.split():
            yield name.lower(), f"a config does not take {name}: {group.reason}{instead}"


_REFUSALS = {module: dict(_refusals(groups)) for module, groups in GROUPS.items()}
