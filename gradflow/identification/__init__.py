"""What the neurons do, and what the network is called."""

from gradflow.identification.configuration import Configuration as Configuration
from gradflow.identification.configuration import identify as identify
from gradflow.identification.neurons import Neuron as Neuron
from gradflow.identification.neurons import NeuronKind as NeuronKind
from gradflow.identification.options import IdentifyOptions as IdentifyOptions
