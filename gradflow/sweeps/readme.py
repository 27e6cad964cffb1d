"""What a store says of itself to whoever finds it."""

README = """A sweep of gradient flows, one file a run. Nothing but the standard tools is needed to read it.

experiment.json   what every run shares: problem, law of the initial weights, seed, options, schema version
records/          one zip archive a run, named by teacher width k, student width n and repetition:
                  header.json   class, losses, what every neuron does, timings, versions, machine, reason of a failure
                  *.npy         initial_weights (n, d), initial_output (n), weights, output: the student at both ends
                                eigenvalues, eigenvalue_error: of the Hessian at the end
                                times, losses, gradient_norms: along the flow
                                path_weights (time, n, d), path_output (time, n): only if they were asked for
                  In Python: numpy.load("records/k0008-n0004-run0003.npz"); elsewhere: unzip.
certificates/     what is proved of a run's end, as JSON: statement, index, radius, loss; may be deleted at any time
superseded/       records of failed runs that were done again
damaged/          what did not fit
asked/, running/  which grids were asked for, and who is at work
index.npz         columns made from the records; may be deleted at any time

The student f(x) = sum_i a_i erf(w_i.x/sqrt 2) learns f*(x) = sum_j erf(v_j.x/sqrt 2), v_j the first k unit vectors,
x ~ N(0, I), by the gradient flow of E[(f - f*)^2].
"""
