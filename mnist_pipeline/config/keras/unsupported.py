"""Classes and arguments of Keras that a config does not support, with reasons.

Three tables: public classes (in docs/config.md too), arguments of classes, and arguments of `model.fit` and
`model.compile`.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Unsupported:
    """Classes not supported for one reason; `instead`: classes of the catalog to use."""

    reason: str
    names: str
    instead: str = ""


RUNS_CODE_REASON = "it runs code of its own, and a config contains none"
BASE_CLASS_REASON = "it is only a base class"
VOLUMES_REASON = "it is for volumes, and the input is a 2D image"
INPUT_SHAPE_REASON = "the first layer receives the pixels, (28, 28, 1), by itself"
INPUT_SIZE_REASON = "every layer knows its input"
PROGRESS_REASON = "a run shows its own progress"
TEST_SET_REASON = (
    "data.validation_split sets part of the training images aside for validation. The test images are never used for "
    "it: a model that is chosen by them looks better than it is"
)

# Module of Keras -> its public classes.
UNSUPPORTED_CLASSES: dict[str, tuple[Unsupported, ...]] = {
    "layers": (
        Unsupported(f"{INPUT_SHAPE_REASON}. Leave it out", "Input InputLayer"),
        Unsupported(RUNS_CODE_REASON, "Lambda TFSMLayer FlaxLayer JaxLayer TorchModuleWrapper"),
        Unsupported(BASE_CLASS_REASON, "Layer InputSpec Wrapper"),
        Unsupported(
            "it is only a part of other layers, or wraps one",
            "Bidirectional TimeDistributed SpectralNormalization Pipeline GRUCell LSTMCell RNN SimpleRNNCell "
            "StackedRNNCells",
        ),
        Unsupported(
            "it is for text or categories, and the input is an image",
            "Embedding ReversibleEmbedding Masking CategoryEncoding Discretization HashedCrossing Hashing "
            "StringLookup IntegerLookup TextVectorization",
        ),
        Unsupported(
            "it is for audio or video, and the input is one image",
            "MelSpectrogram STFTSpectrogram ConvLSTM1D ConvLSTM2D ConvLSTM3D MaxNumBoundingBoxes",
            "Conv2D",
        ),
        Unsupported(VOLUMES_REASON, "Conv3D Convolution3D", "Conv2D"),
        Unsupported(VOLUMES_REASON, "Conv3DTranspose Convolution3DTranspose", "Conv2DTranspose"),
        Unsupported(
            VOLUMES_REASON,
            "MaxPool3D MaxPooling3D AveragePooling3D AvgPool3D AdaptiveMaxPooling3D AdaptiveAveragePooling3D",
            "MaxPooling2D AveragePooling2D",
        ),
        Unsupported(
            VOLUMES_REASON,
            "GlobalMaxPool3D GlobalMaxPooling3D GlobalAveragePooling3D GlobalAvgPool3D",
            "GlobalMaxPooling2D GlobalAveragePooling2D",
        ),
        Unsupported(
            VOLUMES_REASON,
            "Cropping3D UpSampling3D ZeroPadding3D SpatialDropout3D",
            "Cropping2D UpSampling2D ZeroPadding2D SpatialDropout2D",
        ),
        Unsupported(
            "recurrence and attention are for text and time series, and the input is one image",
            "GRU LSTM SimpleRNN Attention AdditiveAttention MultiHeadAttention GroupQueryAttention",
            "Conv2D Conv1D",
        ),
        Unsupported("tensor products are not supported", "EinsumDense Dot", "Dense Multiply"),
        Unsupported(
            "for sequences, only Conv1D and pooling are supported",
            "Conv1DTranspose Convolution1DTranspose DepthwiseConv1D SeparableConv1D SeparableConvolution1D "
            "AdaptiveMaxPooling1D AdaptiveAveragePooling1D Cropping1D UpSampling1D ZeroPadding1D RepeatVector",
            "Conv1D MaxPooling1D AveragePooling1D",
        ),
        Unsupported(
            "it has to be adapted to the data before training, and the pixels are already scaled to 0 - 1",
            "Normalization",
            "BatchNormalization",
        ),
        Unsupported(
            "it is for colors, or for images other than digits",
            "AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization Equalization RandAugment "
            "RandomColorDegeneration RandomColorJitter RandomCrop RandomGrayscale RandomHue RandomPosterization "
            "RandomSaturation RandomSharpness Solarization",
            "RandomTranslation RandomRotation RandomZoom RandomContrast",
        ),
        Unsupported("it also mixes the labels, which layers do not receive", "CutMix MixUp", "RandomErasing"),
        Unsupported(
            "with a batch of unknown size, it replaces every image by the first",
            "RandomElasticTransform",
            "RandomShear RandomPerspective",
        ),
    ),
    "optimizers": (
        Unsupported(BASE_CLASS_REASON, "Optimizer"),
        Unsupported(
            "it wraps other optimizers, and a config has one",
            "LossScaleOptimizer MultiOptimizer OptimizerMap",
            "Adam SGD",
        ),
    ),
    "optimizers.schedules": (Unsupported(BASE_CLASS_REASON, "LearningRateSchedule"),),
    "losses": (
        Unsupported(BASE_CLASS_REASON, "Loss"),
        Unsupported(
            "it is for sequences, segmentation or similarity, and the model classifies digits",
            "CTC Circle Dice Tversky",
            "CategoricalCrossentropy",
        ),
    ),
    "metrics": (
        Unsupported("it is only a base class of other metrics", "Metric Mean MeanMetricWrapper Sum"),
        Unsupported(
            "it is for segmentation, and the model classifies digits",
            "IoU BinaryIoU MeanIoU OneHotIoU OneHotMeanIoU",
            "accuracy",
        ),
        Unsupported("it counts outputs that are exactly equal to the labels", "Accuracy", "accuracy"),
        Unsupported(
            "it correlates the outputs of a single example",
            "ConcordanceCorrelation PearsonCorrelation",
            "R2Score CosineSimilarity",
        ),
    ),
    "callbacks": (
        Unsupported(BASE_CLASS_REASON, "Callback CallbackList"),
        Unsupported(f"{PROGRESS_REASON}. Leave it out", "ProgbarLogger"),
        Unsupported("a run writes history.csv, one row per epoch. Leave it out", "History CSVLogger"),
        Unsupported(
            "it writes files for another program; a run writes history.csv, one row per epoch, and metrics.json. "
            "Leave it out",
            "TensorBoard",
        ),
        Unsupported("a run sends nothing over the network; it writes history.csv. Leave it out", "RemoteMonitor"),
        Unsupported(
            "a run saves its model by itself. To keep the weights of the best epoch, write EarlyStopping: "
            "{restore_best_weights: true}",
            "ModelCheckpoint OrbaxCheckpoint",
        ),
        Unsupported(
            "a run saves checkpoints, and mnist train --resume RUN continues from the last. Leave it out",
            "BackupAndRestore",
        ),
        Unsupported("training stops by itself when the loss is nan or infinite. Leave it out", "TerminateOnNaN"),
        Unsupported(
            "it runs code. Use a learning-rate schedule, such as learning_rate: {ExponentialDecay: "
            "{initial_learning_rate: 0.01, decay_steps: 1 epoch, decay_rate: 0.9}}",
            "LearningRateScheduler",
        ),
        Unsupported(RUNS_CODE_REASON, "LambdaCallback"),
    ),
    "initializers": (
        Unsupported(BASE_CLASS_REASON, "Initializer"),
        Unsupported("it is for square matrices", "Identity IdentityInitializer", "Orthogonal"),
        Unsupported("it is for audio", "STFT STFTInitializer"),
    ),
    "regularizers": (Unsupported(BASE_CLASS_REASON, "Regularizer"),),
    "constraints": (Unsupported(BASE_CLASS_REASON, "Constraint"),),
}

# Argument of Keras' classes, or Class.argument where others take it -> why a config does not set it.
UNSUPPORTED_ARGUMENTS = {
    "name": "Keras chooses it",
    "dtype": "training.precision sets the precision of all layers",
    "data_format": "the channels are always last",
    "seed": "the config's seed covers everything random",
    "verbose": PROGRESS_REASON,
    "noise_shape": "it depends on the batch size",
    "reduction": "the loss is the mean over the batch",
    "ignore_class": "every class counts",
    "loss_scale_factor": "bfloat16 needs no loss scaling",
    "input_axes": "Keras knows the axes of its kernels",
    "output_axes": "Keras knows the axes of its kernels",
    **dict.fromkeys(("lora_rank", "lora_alpha", "quantization_config"), "it is for large language models"),
    **dict.fromkeys(("renorm", "renorm_clipping", "renorm_momentum"), "batches are large enough without it"),
    **dict.fromkeys(("crop_to_aspect_ratio", "pad_to_aspect_ratio"), "the images are square"),
    "Resizing.fill_mode": "the images are square, so nothing is padded",
    "Resizing.fill_value": "the images are square, so nothing is padded",
    "output_padding": "the output size follows from strides and padding",
    "exclude_layers": "it selects layers by names that a config does not set",
    "AUC.thresholds": "num_thresholds is enough",
    **dict.fromkeys(("num_labels", "label_weights"), "it is for multi-label data"),
    "from_sorted_ids": "the outputs are not sorted",
    **dict.fromkeys(("class_aggregation", "num_regressors"), "a regression has one output"),
    **{
        f"{name}.axis": "the classes are always the last axis"
        for name in (
            "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy",
            "CategoricalFocalCrossentropy", "SparseCategoricalCrossentropy", "CosineSimilarity",
        )
    },
    # Earlier versions of Keras, and PyTorch
    **dict.fromkeys(("input_shape", "batch_input_shape"), INPUT_SHAPE_REASON),
    **dict.fromkeys(("input_dim", "in_features", "in_channels", "num_features", "normalized_shape"), INPUT_SIZE_REASON),
}  # fmt: skip

# Argument of model.fit or model.compile, or what scripts call it -> why a config does not have it.
UNSUPPORTED_FIT_ARGUMENTS = {
    **dict.fromkeys(
        ("validation_data", "validation", "validation_set", "val_data", "val_set", "test_data", "test_set"),
        TEST_SET_REASON,
    ),
    "shuffle": "the images are shuffled in every epoch",
    "verbose": PROGRESS_REASON,
    "steps_per_epoch": "an epoch is one pass over the training images; data.train_samples makes it shorter",
    "input_shape": INPUT_SHAPE_REASON,
}


def class_message(module: str, name: str) -> str | None:
    """Why a class, in any spelling, is not supported; None if not listed."""
    return _MESSAGES[module].get(name.replace("_", "").lower())


def argument_reason(owner: str, argument: str) -> str | None:
    """Why a config does not set `argument` of the class `owner`; None if not listed."""
    return UNSUPPORTED_ARGUMENTS.get(f"{owner}.{argument}") or UNSUPPORTED_ARGUMENTS.get(argument)


def _messages(groups: tuple[Unsupported, ...]) -> Iterator[tuple[str, str]]:
    for group in groups:
        instead = f". Instead: {', '.join(group.instead.split())}" if group.instead else ""
        for name in group.names.split():
            yield name.lower(), f"{name} cannot be used in a config: {group.reason}{instead}"


_MESSAGES = {module: dict(_messages(groups)) for module, groups in UNSUPPORTED_CLASSES.items()}
